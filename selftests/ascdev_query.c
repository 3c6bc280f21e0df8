// SPDX-License-Identifier: MIT
/*
 * DRM_IOCTL_ASCDEV_DEV_QUERY.
 */

#include "ascdev_test.h"

FIXTURE(query)
{
	int fd;
};

FIXTURE_SETUP(query)
{
	self->fd = open_node(NULL);
	if (self->fd < 0)
		SKIP(return, "no device");
}

FIXTURE_TEARDOWN(query)
{
	close(self->fd);
}

TEST_F(query, tells_the_size)
{
	struct drm_ascdev_dev_query args = { .type = DRM_ASCDEV_DEV_QUERY_DEV_INFO };

	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &args));
	EXPECT_EQ(sizeof(struct drm_ascdev_dev_info), args.size);
}

TEST_F(query, dev_info)
{
	struct drm_ascdev_dev_info info;
	struct drm_ascdev_dev_query args = {
		.type = DRM_ASCDEV_DEV_QUERY_DEV_INFO,
		.size = sizeof(info),
		.pointer = (uintptr_t)&info,
	};

	memset(&info, 0xff, sizeof(info));
	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &args));
	EXPECT_EQ(0, info.flags & ~DRM_ASCDEV_DEV_EMULATED);
	EXPECT_GE(info.engines, 1);
	EXPECT_TRUE(info.codecs & 1u << DRM_ASCDEV_CODEC_ASC_CBR);
	EXPECT_GE(info.max_jobs, 1);
	EXPECT_GE(info.max_syncs, 1);
	EXPECT_GE(info.max_queued_jobs, info.max_jobs);
	EXPECT_GE(info.max_elements, 8 << 20);
	EXPECT_GE(info.max_bo_bytes, 16 << 20);
}

TEST_F(query, codec_info)
{
	struct drm_ascdev_codec_info info;
	struct drm_ascdev_dev_query args = {
		.type = DRM_ASCDEV_DEV_QUERY_CODEC_INFO,
		.size = sizeof(info),
		.pointer = (uintptr_t)&info,
		.index = DRM_ASCDEV_CODEC_ASC_CBR,
	};

	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &args));
	EXPECT_EQ(sizeof(info), args.size);
	EXPECT_EQ(DRM_ASCDEV_CODEC_ASC_CBR, info.codec);
	EXPECT_EQ(1u << DRM_ASCDEV_DTYPE_U8 | 1u << DRM_ASCDEV_DTYPE_S8 |
		  1u << DRM_ASCDEV_DTYPE_U16 | 1u << DRM_ASCDEV_DTYPE_S16, info.dtypes);
	EXPECT_EQ(8, info.payload_align);
	EXPECT_EQ(1u << DRM_ASCDEV_EFFORT_HW | 1u << DRM_ASCDEV_EFFORT_BEST, info.efforts);
}

TEST_F(query, short_buffer_is_not_overrun)
{
	uint32_t words[4] = { 0, 0, 0x55555555, 0x55555555 };
	struct drm_ascdev_dev_query args = {
		.type = DRM_ASCDEV_DEV_QUERY_DEV_INFO,
		.size = 8,
		.pointer = (uintptr_t)words,
	};

	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &args));
	EXPECT_EQ(sizeof(struct drm_ascdev_dev_info), args.size);
	EXPECT_GE(words[1], 1);
	EXPECT_EQ(0x55555555, words[2]);
	EXPECT_EQ(0x55555555, words[3]);
}

TEST_F(query, long_buffer_is_cleared)
{
	uint8_t buffer[256];
	struct drm_ascdev_dev_query args = {
		.type = DRM_ASCDEV_DEV_QUERY_DEV_INFO,
		.size = sizeof(buffer),
		.pointer = (uintptr_t)buffer,
	};
	size_t i;

	memset(buffer, 0xff, sizeof(buffer));
	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &args));
	for (i = sizeof(struct drm_ascdev_dev_info); i < sizeof(buffer); i++)
		ASSERT_EQ(0, buffer[i]);
}

TEST_F(query, rejects)
{
	struct drm_ascdev_dev_query unknown_type = { .type = 99 };
	struct drm_ascdev_dev_query index = { .type = DRM_ASCDEV_DEV_QUERY_DEV_INFO, .index = 1 };
	struct drm_ascdev_dev_query pad = { .type = DRM_ASCDEV_DEV_QUERY_DEV_INFO, .pad = 1 };
	struct drm_ascdev_dev_query codec = { .type = DRM_ASCDEV_DEV_QUERY_CODEC_INFO,
					      .index = 31 };
	struct drm_ascdev_dev_query fault = { .type = DRM_ASCDEV_DEV_QUERY_DEV_INFO, .size = 40,
					      .pointer = 1 };

	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &unknown_type));
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &index));
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &pad));
	EXPECT_EQ(-ENOENT, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &codec));
	EXPECT_EQ(-EFAULT, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &fault));
}

TEST_HARNESS_MAIN
