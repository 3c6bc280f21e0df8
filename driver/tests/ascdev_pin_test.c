// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of exporters that no kernel here has.
 */

#include <kunit/test.h>
#include <linux/dma-buf.h>
#include <linux/dma-resv.h>

#include "../ascdev_device.h"
#include "../ascdev_gem.h"
#include "ascdev_kunit.h"

/**
 * struct fixture - an imported object
 * @bo: the object
 * @attach: its import
 * @dma_buf: the dma-buf, as far as mapping it looks
 * @resv: its reservation
 * @unmapped: how often the exporter's mapping was given back
 */
struct fixture {
	struct ascdev_bo bo;
	struct dma_buf_attachment attach;
	struct dma_buf dma_buf;
	struct dma_resv resv;
	int unmapped;
};

static int vmap_device_memory(struct dma_buf *dma_buf, struct iosys_map *map)
{
	iosys_map_set_vaddr_iomem(map, (void __iomem *)dma_buf);
	return 0;
}

static int vmap_memory(struct dma_buf *dma_buf, struct iosys_map *map)
{
	iosys_map_set_vaddr(map, dma_buf);
	return 0;
}

static void vunmap(struct dma_buf *dma_buf, struct iosys_map *map)
{
	container_of(dma_buf, struct fixture, dma_buf)->unmapped++;
}

static struct fixture *make_fixture(struct kunit *test, const struct dma_buf_ops *ops)
{
	struct fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	dma_resv_init(&f->resv);
	f->dma_buf.ops = ops;
	f->dma_buf.resv = &f->resv;
	f->attach.dmabuf = &f->dma_buf;
	f->bo.base.base.import_attach = &f->attach;
	return f;
}

static void map_memory(struct kunit *test)
{
	static const struct dma_buf_ops ops = { .vmap = vmap_memory, .vunmap = vunmap };
	struct fixture *f = make_fixture(test, &ops);

	KUNIT_EXPECT_EQ(test, 0, ascdev_pin_map(&f->bo));
	KUNIT_EXPECT_PTR_EQ(test, (void *)&f->dma_buf, f->bo.map.vaddr);
	KUNIT_EXPECT_EQ(test, 0, f->unmapped);
	dma_resv_fini(&f->resv);
}

static void map_device_memory(struct kunit *test)
{
	static const struct dma_buf_ops ops = { .vmap = vmap_device_memory, .vunmap = vunmap };
	struct fixture *f = make_fixture(test, &ops);

	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, ascdev_pin_map(&f->bo));
	KUNIT_EXPECT_TRUE(test, iosys_map_is_null(&f->bo.map));
	KUNIT_EXPECT_EQ(test, 1, f->unmapped);
	dma_resv_fini(&f->resv);
}

static void map_nothing(struct kunit *test)
{
	static const struct dma_buf_ops ops = { };
	struct fixture *f = make_fixture(test, &ops);

	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, ascdev_pin_map(&f->bo));
	KUNIT_EXPECT_TRUE(test, iosys_map_is_null(&f->bo.map));
	dma_resv_fini(&f->resv);
}

static struct kunit_case pin_cases[] = {
	KUNIT_CASE(map_memory),
	KUNIT_CASE(map_device_memory),
	KUNIT_CASE(map_nothing),
	{ }
};

static struct kunit_suite pin_suite = {
	.name = "ascdev_pin",
	.test_cases = pin_cases,
};

kunit_test_suite(pin_suite);
