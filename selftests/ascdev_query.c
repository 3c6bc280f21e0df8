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
	const uint32_t any = 1u << DRM_ASCDEV_CODEC_DEFAULT | 1u << DRM_ASCDEV_CODEC_AUTO;
	struct drm_ascdev_dev_info dev;
	struct drm_ascdev_dev_query dev_args = {
		.type = DRM_ASCDEV_DEV_QUERY_DEV_INFO,
		.size = sizeof(dev),
		.pointer = (uintptr_t)&dev,
	};
	uint32_t codec;

	ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &dev_args));
	EXPECT_EQ((1u << CODECS) - 1, dev.codecs);
	for (codec = 0; codec < 40; codec++) {
		bool is_cbr = codec == DRM_ASCDEV_CODEC_ASC_CBR;
		bool is_raw = codec == DRM_ASCDEV_CODEC_RAW;
		struct drm_ascdev_codec_info info;
		struct drm_ascdev_dev_query args = {
			.type = DRM_ASCDEV_DEV_QUERY_CODEC_INFO,
			.size = sizeof(info),
			.pointer = (uintptr_t)&info,
			.index = codec,
		};

		memset(&info, 0xff, sizeof(info));
		/* what stands for a codec is none */
		if (codec >= 32 || !((dev.codecs & ~any) >> codec & 1)) {
			EXPECT_EQ(-ENOENT, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &args))
				TH_LOG("codec %u", codec);
			continue;
		}
		ASSERT_EQ(0, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &args));
		EXPECT_EQ(sizeof(info), args.size);
		EXPECT_EQ(codec, info.codec);
		EXPECT_EQ((1u << DTYPES) - 1, info.dtypes);
		EXPECT_EQ(8, info.payload_align);
		EXPECT_EQ(1u << DRM_ASCDEV_EFFORT_HW | 1u << DRM_ASCDEV_EFFORT_BEST, info.efforts);
		EXPECT_EQ(is_cbr ? 7 : 0, info.endpoints);
		EXPECT_EQ(is_cbr ? 7 : 0, info.scales);
		EXPECT_EQ(is_cbr ? 15 : 0, info.profiles);
		EXPECT_EQ(is_raw ? 1u << DRM_ASCDEV_REORDER_NONE : 15, info.reorders);
		EXPECT_EQ(is_raw ? 0 : 4096, info.reorder_channels);
		EXPECT_EQ(codec == DRM_ASCDEV_CODEC_ASC_VBR ? 32767 : 0, info.max_error);
	}
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
	struct drm_ascdev_dev_query huge = { .type = DRM_ASCDEV_DEV_QUERY_DEV_INFO, .size = 4097,
					     .pointer = (uintptr_t)&pad };

	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &unknown_type));
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &index));
	EXPECT_EQ(-EINVAL, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &pad));
	EXPECT_EQ(-ENOENT, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &codec));
	EXPECT_EQ(-EFAULT, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &fault));
	EXPECT_EQ(-E2BIG, do_ioctl(self->fd, DRM_IOCTL_ASCDEV_DEV_QUERY, &huge));
}

TEST_HARNESS_MAIN
