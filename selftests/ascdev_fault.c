// SPDX-License-Identifier: MIT
/*
 * Every allocation and every copy from or to userspace fails once, in turn: of each
 * ioctl, of open(), of each step of probe, and of loading the module.  Needs root and
 * a kernel with CONFIG_FAULT_INJECTION, FAILSLAB and FAIL_PAGE_ALLOC.
 *
 * ASCDEV_MODULE names the module, which is loaded again and again; without it that
 * test skips.  ASCDEV_FAULT_STEP=1 has each fault of probe and of loading, not one in
 * seven.
 */

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "ascdev_fault.h"

/*
 * Spare a function of the DRM core, drm_sysfs_minor_alloc(): where it fails, 6.12 and 7.3
 * both take the error for a device and drop a reference to that.  It comes before
 * anything of the driver.
 */
static bool spare_core(void)
{
	return spare("drm_sysfs_minor_alloc");
}

FIXTURE(fault)
{
	int fd;
	int minor;
	int nth_fd;
	struct small_job small;
};

FIXTURE_SETUP(fault)
{
	self->fd = open_node(&self->minor);
	if (self->fd < 0)
		SKIP(return, "no device");
	self->nth_fd = open_faults();
	if (self->nth_fd < 0)
		SKIP(return, "no fault injection");
	ASSERT_TRUE(make_small_job(self->fd, &self->small));
	/* have everything mapped, so that only the call itself allocates */
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, self->small.dst, 20000));
}

FIXTURE_TEARDOWN(fault)
{
	close(self->nth_fd);
	close(self->fd);
}

/* Of system calls: memory, and copies from and to this program. */
#define SWEEP(operation, ...) SWEEP_FOR(-ENOMEM, -EFAULT, operation, __VA_ARGS__)

TEST_F(fault, open_and_close)
{
	char path[64];
	int fd = -1;

	snprintf(path, sizeof(path), "/dev/accel/accel%d", self->minor);
	SWEEP((fd = open(path, O_RDWR)) < 0 ? -errno : 0, close(fd));
}

TEST_F(fault, query)
{
	struct drm_ascdev_dev_info info;
	struct drm_ascdev_dev_query args;

	SWEEP((args = (struct drm_ascdev_dev_query){ .size = sizeof(info),
						     .pointer = (uintptr_t)&info },
	       do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &args)), (void)0);
}

TEST_F(fault, create_map_and_use)
{
	struct drm_ascdev_bo_create create;
	struct drm_gem_close close_args = { 0 };
	struct drm_ascdev_job job = self->small.job;

	SWEEP((create = (struct drm_ascdev_bo_create){ .size = 8192 },
	       do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_CREATE, &create)),
	      (close_args.handle = create.handle,
	       do_ioctl(self->fd, DRM_IOCTL_GEM_CLOSE, &close_args)));

	/* the first job that uses an object maps it, even one that survives a fault */
	SWEEP((job.dst.handle = create_bo(self->fd, SMALL_PAYLOAD),
	       job.dst.handle ? submit_jobs(self->fd, &job, 1) : -ENOMEM),
	      (wait_bo(self->fd, job.dst.handle, 20000), close_args.handle = job.dst.handle,
	       do_ioctl(self->fd, DRM_IOCTL_GEM_CLOSE, &close_args)));
}

/* A fourth object, the order, and a codec with an index */
TEST_F(fault, submit_with_an_order)
{
	struct drm_ascdev_job job = self->small.job;
	uint32_t dst = create_bo(self->fd, 2 * SMALL_BYTES), order = create_bo(self->fd, 4096);
	uint16_t *channels = map_bo(self->fd, order, 4096);
	int i;

	ASSERT_NE(0, dst);
	ASSERT_NE(MAP_FAILED, channels);
	for (i = 0; i < 64; i++)
		channels[i] = 63 - i;
	memset(&job.params, 0, sizeof(job.params));
	job.params.codec = DRM_ASCDEV_CODEC_DCAC;
	job.params.reorder = DRM_ASCDEV_REORDER_GIVEN;
	job.dst = (struct drm_ascdev_range){ dst, 0, 0, 2 * SMALL_BYTES };
	job.order = (struct drm_ascdev_range){ order, 0, 0, 128 };
	SWEEP(submit_jobs(self->fd, &job, 1), wait_bo(self->fd, dst, 20000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
	EXPECT_EQ(DRM_ASCDEV_CODEC_DCAC, self->small.record->codec);
}

TEST_F(fault, submit)
{
	struct drm_ascdev_job jobs[3] = { self->small.job, self->small.job, self->small.job };
	uint32_t binary = create_syncobj(self->fd), timeline = create_syncobj(self->fd);
	long long submitted = read_stat(self->minor, "jobs_submitted");
	struct drm_ascdev_sync syncs[3] = {
		{ DRM_ASCDEV_SYNC_SIGNAL, binary, 0 },
		{ DRM_ASCDEV_SYNC_SIGNAL | DRM_ASCDEV_SYNC_TIMELINE, timeline, 1 },
		{ 0, binary, 0 },
	};
	int accepted = 0;

	/* a fence to wait for */
	set_syncs(&jobs[0], syncs, 1);
	ASSERT_EQ(0, submit_jobs(self->fd, jobs, 1));
	set_syncs(&jobs[1], &syncs[1], 1);
	set_syncs(&jobs[2], &syncs[2], 1);
	SWEEP(submit_jobs(self->fd, jobs, 3), (accepted++, syncs[1].timeline_value++,
	      wait_bo(self->fd, self->small.dst, 20000)));
	ASSERT_TRUE(stats_balance(self->minor));
	/* all jobs of a call or none */
	EXPECT_EQ(submitted + 1 + 3 * accepted, read_stat(self->minor, "jobs_submitted"));
}

TEST_F(fault, import_and_name)
{
	struct drm_prime_handle prime = { .fd = make_vgem_buffer(8192) };
	struct drm_ascdev_bo_set_label label = { .handle = self->small.src,
						 .label = (uintptr_t)"a name" };
	struct drm_gem_close close_args = { 0 };

	if (prime.fd < 0)
		SKIP(return, "no vgem");
	SWEEP(do_ioctl(self->fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime),
	      (close_args.handle = prime.handle,
	       do_ioctl(self->fd, DRM_IOCTL_GEM_CLOSE, &close_args)));
	close(prime.fd);
	SWEEP(do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_SET_LABEL, &label), (void)0);
}

TEST_F(fault, wait)
{
	SWEEP(wait_bo(self->fd, self->small.dst, 1000), (void)0);
}

TEST_F(fault, codec_query)
{
	struct drm_ascdev_codec_info info;
	struct drm_ascdev_dev_query args;

	SWEEP((args = (struct drm_ascdev_dev_query){ .type = DRM_ASCDEV_DEV_QUERY_CODEC_INFO,
						     .index = DRM_ASCDEV_CODEC_ASC_CBR,
						     .size = sizeof(info),
						     .pointer = (uintptr_t)&info },
	       do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &args)), (void)0);
}

TEST_F(fault, context)
{
	struct drm_ascdev_ctx_create create;
	struct drm_ascdev_ctx_destroy destroy = { 0 };
	struct drm_ascdev_ctx_get_state state;
	struct drm_ascdev_cancel cancel;

	SWEEP((create = (struct drm_ascdev_ctx_create){
			.defaults.codec = DRM_ASCDEV_CODEC_ZVC },
	       do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &create)),
	      destroy.ctx = create.ctx;
	      EXPECT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_DESTROY, &destroy)));

	create = (struct drm_ascdev_ctx_create){ 0 };
	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &create));
	SWEEP((state = (struct drm_ascdev_ctx_get_state){ .ctx = create.ctx },
	       do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_GET_STATE, &state)),
	      EXPECT_EQ(0, state.hangs));
	SWEEP((cancel = (struct drm_ascdev_cancel){ .ctx = create.ctx,
						    .flags = DRM_ASCDEV_CANCEL_ALL },
	       do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CANCEL, &cancel)),
	      EXPECT_EQ(0, cancel.cancelled));
	destroy.ctx = create.ctx;
	SWEEP(do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_DESTROY, &destroy),
	      EXPECT_EQ(-ENOENT, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_DESTROY, &destroy));
	      EXPECT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_CTX_CREATE, &create));
	      destroy.ctx = create.ctx);
}

TEST_F(fault, map)
{
	struct drm_ascdev_bo_mmap_offset args;
	struct drm_gem_close close_args = { 0 };
	uint32_t handle = create_bo(self->fd, 16384);
	uint8_t *memory = NULL;

	ASSERT_NE(0, handle);
	SWEEP((args = (struct drm_ascdev_bo_mmap_offset){ .handle = handle },
	       do_ioctl(self->fd, DRM_IOCTL_ASCDEV_BO_MMAP_OFFSET, &args)), (void)0);
	SWEEP((memory = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd,
			     args.offset)) == MAP_FAILED ? -errno : 0,
	      (memory[0] = 1, munmap(memory, 16384)));
	close_args.handle = handle;
	SWEEP(do_ioctl(self->fd, DRM_IOCTL_GEM_CLOSE, &close_args),
	      EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_GEM_CLOSE, &close_args));
	      close_args.handle = create_bo(self->fd, 4096));
}

/* An export makes the dma-buf; a second file imports it, and jobs use it there. */
TEST_F(fault, export_and_import)
{
	struct drm_gem_close close_args = { 0 };
	struct drm_ascdev_job job;
	struct drm_prime_handle prime;
	struct small_job small;
	uint32_t source = create_bo(self->fd, SMALL_PAYLOAD);
	int second = open_node(NULL), dmabuf;

	ASSERT_NE(0, source);
	ASSERT_LE(0, second);
	ASSERT_TRUE(make_small_job(second, &small));
	ASSERT_EQ(0, submit_jobs(second, &small.job, 1));
	ASSERT_EQ(0, wait_bo(second, small.dst, 20000));
	SWEEP((prime = (struct drm_prime_handle){ .handle = source, .flags = DRM_CLOEXEC },
	       do_ioctl(self->fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime)), close(prime.fd));

	dmabuf = export_dmabuf(self->fd, source);
	ASSERT_LE(0, dmabuf);
	SWEEP((prime = (struct drm_prime_handle){ .fd = dmabuf },
	       do_ioctl(second, DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime)),
	      (close_args.handle = prime.handle,
	       do_ioctl(second, DRM_IOCTL_GEM_CLOSE, &close_args)));
	job = small.job;
	job.dst.handle = import_dmabuf(second, dmabuf);
	ASSERT_NE(0, job.dst.handle);
	SWEEP(submit_jobs(second, &job, 1), wait_bo(second, job.dst.handle, 20000));
	close(dmabuf);
	close(second);
}

/* A dma-buf of another driver, which has to be attached and mapped. */
TEST_F(fault, foreign_import)
{
	struct drm_mode_create_dumb dumb = { .width = 64, .height = SMALL_PAYLOAD / 64, .bpp = 8 };
	struct drm_gem_close close_args = { 0 };
	struct drm_ascdev_job job = self->small.job;
	struct drm_prime_handle prime;
	int vgem = open_vgem(), dmabuf;

	if (vgem < 0)
		SKIP(return, "no vgem");
	ASSERT_EQ(0, do_ioctl(vgem, DRM_IOCTL_MODE_CREATE_DUMB, &dumb));
	dmabuf = export_dmabuf(vgem, dumb.handle);
	ASSERT_LE(0, dmabuf);
	close_args.handle = import_dmabuf(self->fd, dmabuf);
	ASSERT_NE(0, close_args.handle);
	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_GEM_CLOSE, &close_args));
	SWEEP((prime = (struct drm_prime_handle){ .fd = dmabuf },
	       do_ioctl(self->fd, DRM_IOCTL_PRIME_FD_TO_HANDLE, &prime)),
	      (close_args.handle = prime.handle,
	       do_ioctl(self->fd, DRM_IOCTL_GEM_CLOSE, &close_args)));
	/*
	 * A fresh import each time, so that each time it is mapped.  The core has a warning
	 * for an exporter that cannot map, as for lack of memory.
	 */
	if (!spare("dma_buf_vmap"))
		SKIP(return, "no CONFIG_FAULT_INJECTION_STACKTRACE_FILTER");
	SWEEP((job.dst.handle = import_dmabuf(self->fd, dmabuf),
	       job.dst.handle ? submit_jobs(self->fd, &job, 1) : -ENOMEM),
	      (wait_bo(self->fd, job.dst.handle, 20000), close_args.handle = job.dst.handle,
	       do_ioctl(self->fd, DRM_IOCTL_GEM_CLOSE, &close_args)));
	EXPECT_TRUE(spare_nothing());
	close(dmabuf);
	close(vgem);
}

TEST_F(fault, syncobjs)
{
	struct drm_syncobj_create create;
	struct drm_syncobj_destroy destroy = { 0 };
	struct drm_syncobj_handle handle;
	uint32_t signalled;

	SWEEP((create = (struct drm_syncobj_create){ .flags = DRM_SYNCOBJ_CREATE_SIGNALED },
	       do_ioctl(self->fd, DRM_IOCTL_SYNCOBJ_CREATE, &create)),
	      (destroy.handle = create.handle,
	       do_ioctl(self->fd, DRM_IOCTL_SYNCOBJ_DESTROY, &destroy)));
	create = (struct drm_syncobj_create){ .flags = DRM_SYNCOBJ_CREATE_SIGNALED };
	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_SYNCOBJ_CREATE, &create));
	signalled = create.handle;
	SWEEP((handle = (struct drm_syncobj_handle){ .handle = signalled },
	       do_ioctl(self->fd, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, &handle)), close(handle.fd));
	SWEEP(wait_syncobj(self->fd, signalled, 1000), (void)0);
}

/*
 * Many jobs of one call, of several codecs, each with waits, signals of both kinds and,
 * where it decompresses, a part: all of them or none.
 */
#define MANY	12

TEST_F(fault, submit_much)
{
	uint32_t waits = create_syncobj(self->fd), timeline = create_syncobj(self->fd);
	uint32_t dst = create_bo(self->fd, MANY * SMALL_BYTES * 2);
	uint32_t order = create_bo(self->fd, 4096);
	long long submitted = read_stat(self->minor, "jobs_submitted");
	struct drm_ascdev_job jobs[MANY];
	struct drm_ascdev_sync syncs[MANY][3];
	uint16_t *channels = map_bo(self->fd, order, 4096);
	uint64_t point = 1;
	int accepted = 0, i;

	ASSERT_NE(0, dst);
	ASSERT_NE(MAP_FAILED, channels);
	for (i = 0; i < 64; i++)
		channels[i] = i ^ 1;
	/* a fence to wait for */
	set_syncs(&self->small.job, &(struct drm_ascdev_sync){ DRM_ASCDEV_SYNC_SIGNAL, waits, 0 },
		  1);
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	for (i = 0; i < MANY; i++) {
		struct drm_ascdev_job *job = &jobs[i];

		*job = self->small.job;
		job->result.offset = i * sizeof(struct drm_ascdev_result);
		job->dst = (struct drm_ascdev_range){ dst, 0, (uint64_t)i * SMALL_BYTES * 2,
						      SMALL_BYTES * 2 };
		if (i % 3 == 1) {
			memset(&job->params, 0, sizeof(job->params));
			job->params.codec = DRM_ASCDEV_CODEC_ZVC;
			job->params.reorder = DRM_ASCDEV_REORDER_GIVEN;
			job->order = (struct drm_ascdev_range){ order, 0, 0, 128 };
		} else if (i % 3 == 2) {
			job->op = DRM_ASCDEV_OP_DECOMPRESS;
			job->src = self->small.job.dst;
			job->part = (struct drm_ascdev_part){ { 0, 3, 2, 1 }, { 1, 5, 6, 7 } };
		}
		syncs[i][0] = (struct drm_ascdev_sync){ 0, waits, 0 };
		syncs[i][1] = (struct drm_ascdev_sync){ DRM_ASCDEV_SYNC_SIGNAL,
							create_syncobj(self->fd), 0 };
		syncs[i][2] = (struct drm_ascdev_sync){
			DRM_ASCDEV_SYNC_SIGNAL | DRM_ASCDEV_SYNC_TIMELINE, timeline, 0 };
		set_syncs(job, syncs[i], 3);
	}
#define NEXT_POINTS()								\
	({									\
		for (i = 0; i < MANY; i++)					\
			syncs[i][2].timeline_value = point + i;			\
	})
	SWEEP((NEXT_POINTS(), submit_jobs(self->fd, jobs, MANY)),
	      accepted++;
	      point += MANY;
	      EXPECT_EQ(0, wait_bo(self->fd, dst, 20000)));
	ASSERT_TRUE(stats_balance(self->minor));
	EXPECT_EQ(submitted + 1 + MANY * accepted, read_stat(self->minor, "jobs_submitted"));
	for (i = 0; i < MANY; i++) {
		EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record[i].status) {
			TH_LOG("job %d: %d", i, self->small.record[i].error);
		}
	}
}

/* What reads and writes the attributes, and what shows the file's statistics. */
TEST_F(fault, attributes)
{
	static const char * const names[] = {
		"stats/jobs_submitted", "defaults/codec", "engines", "timeout_ms",
	};
	char path[160], text[64];
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), SYSFS_DEVICE "/%s", self->minor, names[i]);
		SWEEP((fd = open(path, O_RDONLY)) < 0 ? -errno : 0, close(fd));
		fd = open(path, O_RDONLY);
		ASSERT_LE(0, fd);
		SWEEP(pread(fd, text, sizeof(text), 0) < 0 ? -errno : 0, (void)0);
		close(fd);
	}
	fd = open(path, O_WRONLY);
	ASSERT_LE(0, fd);
	SWEEP(pwrite(fd, "4000", 4, 0) < 0 ? -errno : 0, (void)0);
	close(fd);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", self->fd);
	fd = open(path, O_RDONLY);
	ASSERT_LE(0, fd);
	SWEEP(pread(fd, text, sizeof(text), 0) < 0 ? -errno : 0, (void)0);
	close(fd);
}

/* Each round takes tens of milliseconds, and there are more than a thousand. */
static unsigned int fault_step(void)
{
	const char *text = getenv("ASCDEV_FAULT_STEP");

	return text && atoi(text) > 0 ? atoi(text) : 7;
}

/*
 * Probe: the device is bound by the process that has the faults.  A fault may be
 * survived, where debugfs has a file less; whatever was bound works or goes away.
 */
TEST_F(fault, probe)
{
	char path[128];
	unsigned int nth, failed = 0, step = fault_step();
	bool hit = true;
	int fd;

	if (!spare_core())
		SKIP(return, "no CONFIG_FAULT_INJECTION_STACKTRACE_FILTER");
	close(self->fd);
	/* else each round waits for a dozen grace periods */
	write_file("/sys/kernel/rcu_expedited", "1");
	ASSERT_EQ(0, write_device("unbind"));
	snprintf(path, sizeof(path), SYSFS_DRIVER "/bind");
	fd = open(path, O_WRONLY);
	ASSERT_LE(0, fd);
	for (nth = 1; hit; nth += step) {
		int ret;

		ASSERT_LT(nth, 5000);
		arm(self->nth_fd, nth);
		ret = pwrite(fd, FIRST_DEVICE, strlen(FIRST_DEVICE), 0) < 0 ? -errno : 0;
		hit = disarm(self->nth_fd);
		EXPECT_TRUE(!ret || (hit && (ret == -ENOMEM || ret == -EFAULT)))
			TH_LOG("fault %u: %d", nth, ret);
		failed += !!ret;
		if (!ret)
			ASSERT_EQ(0, write_device("unbind")) TH_LOG("fault %u", nth);
	}
	close(fd);
	write_file("/sys/kernel/rcu_expedited", "0");
	EXPECT_TRUE(spare_nothing());
	TH_LOG("up to fault %u, %u failed", nth, failed);
	EXPECT_LT(20, failed);
	ASSERT_TRUE(rebind());
	self->fd = open_node(&self->minor);
	ASSERT_LE(0, self->fd);
	ASSERT_TRUE(make_small_job(self->fd, &self->small));
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, self->small.dst, 20000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
}

/* No memory in probe for as long as it is tried: the directory stays without a device. */
TEST_F(fault, device_of_configfs)
{
	const char *dir = "/sys/kernel/config/ascdev/fault/";
	char line[16];

	if (access("/sys/kernel/config/ascdev", F_OK))
		mount("configfs", "/sys/kernel/config", "configfs", 0, NULL);
	if (access("/sys/kernel/config/ascdev", F_OK))
		SKIP(return, "no configfs");
	if (!fail_below("ascdev_device_probe"))
		SKIP(return, "no CONFIG_FAULT_INJECTION_STACKTRACE_FILTER");
	ASSERT_EQ(0, mkdir(dir, 0755));
	EXPECT_TRUE(write_file("/sys/kernel/debug/failslab/probability", "100"));
	EXPECT_EQ(-ENOMEM, write_to(dir, "enabled", "1"));
	EXPECT_TRUE(write_file("/sys/kernel/debug/failslab/probability", "0"));
	EXPECT_TRUE(spare_nothing());
	read_line(dir, "enabled", line, sizeof(line));
	EXPECT_STREQ("0", line);
	EXPECT_EQ(0, write_to(dir, "enabled", "1"));
	read_line(dir, "enabled", line, sizeof(line));
	EXPECT_STREQ("1", line);
	EXPECT_EQ(0, rmdir(dir));
}

/* A module that fences still hold goes a little later. */
static int unload(void)
{
	int i;

	for (i = 0; i < 500; i++) {
		if (!syscall(SYS_delete_module, "ascdev", O_NONBLOCK))
			return 0;
		if (errno != EWOULDBLOCK && errno != EBUSY)
			return -errno;
		usleep(10000);
	}
	return -errno;
}

TEST_F(fault, module_load)
{
	const char *module = getenv("ASCDEV_MODULE");
	unsigned int nth, failed = 0, step = fault_step();
	bool hit = true;
	int fd;

	if (!module)
		SKIP(return, "ASCDEV_MODULE names no module");
	/* the loader itself tells the log of memory that it does not get */
	if (!spare_core() || !fail_below("do_one_initcall"))
		SKIP(return, "no CONFIG_FAULT_INJECTION_STACKTRACE_FILTER");
	fd = open(module, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	munmap(self->small.surface, SMALL_BYTES);
	munmap(self->small.payload, SMALL_PAYLOAD);
	munmap(self->small.record, 4096);
	close(self->fd);
	write_file("/sys/kernel/rcu_expedited", "1");
	ASSERT_EQ(0, unload());
	/* the module's own comes first, and then probe */
	for (nth = 1; hit; nth += nth < 60 ? 1 : step) {
		int ret;

		ASSERT_LT(nth, 20000);
		arm(self->nth_fd, nth);
		ret = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
		hit = disarm(self->nth_fd);
		EXPECT_TRUE(!ret || hit) TH_LOG("fault %u: %d", nth, ret);
		failed += !!ret;
		if (!ret)
			ASSERT_EQ(0, unload()) TH_LOG("fault %u", nth);
	}
	write_file("/sys/kernel/rcu_expedited", "0");
	EXPECT_TRUE(spare_nothing());
	TH_LOG("up to fault %u, %u failed", nth, failed);
	EXPECT_LT(5, failed);
	ASSERT_EQ(0, syscall(SYS_finit_module, fd, "", 0));
	close(fd);
	self->fd = open_node(&self->minor);
	ASSERT_LE(0, self->fd);
	ASSERT_TRUE(make_small_job(self->fd, &self->small));
	ASSERT_EQ(0, submit_jobs(self->fd, &self->small.job, 1));
	ASSERT_EQ(0, wait_bo(self->fd, self->small.dst, 20000));
	EXPECT_EQ(DRM_ASCDEV_STATUS_DONE, self->small.record->status);
}

TEST_HARNESS_MAIN
