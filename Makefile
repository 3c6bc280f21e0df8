# SPDX-License-Identifier: MIT
#
# make            library, command and examples in build/; the module where headers are found
# make help       the targets

BUILD := build
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
DESTDIR ?=

CC ?= gcc
CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Wvla -Wstrict-prototypes -Wmissing-prototypes
PKG_CONFIG ?= pkg-config

VERSION := $(shell awk '/ASCDEV_VERSION_(MAJOR|MINOR|PATCH)/ { v = v s $$3; s = "." } END { print v }' \
	libascdev/ascdev.h)
SOVERSION := $(firstword $(subst ., ,$(VERSION)))

.PHONY: all userspace
all: userspace

CODEC_SRC := $(wildcard codec/*.c)
LIB_SRC := $(wildcard libascdev/*.c)
TOOL_SRC := $(wildcard tools/*.c)

LIB_OBJ := $(CODEC_SRC:%.c=$(BUILD)/%.o) $(LIB_SRC:%.c=$(BUILD)/%.o)
TOOL_OBJ := $(TOOL_SRC:%.c=$(BUILD)/%.o)

LIB_SO := $(BUILD)/libascdev.so.$(VERSION)
LIB_A := $(BUILD)/libascdev.a

DRM_CFLAGS := $(shell $(PKG_CONFIG) --cflags libdrm 2>/dev/null)
DRM_LIBS := $(shell $(PKG_CONFIG) --libs libdrm 2>/dev/null || echo -ldrm)

compile = $(CC) -std=gnu11 $(CFLAGS) $(WARNINGS) -MMD -MP $(1) -c -o $@ $<

$(BUILD)/codec/%.o: codec/%.c
	@mkdir -p $(@D)
	$(call compile,-fPIC -fvisibility=hidden -Wframe-larger-than=512)

$(BUILD)/libascdev/%.o: libascdev/%.c
	@mkdir -p $(@D)
	$(call compile,-fPIC -Ilibascdev -Icodec -Iuapi $(DRM_CFLAGS))

$(BUILD)/tools/%.o: tools/%.c
	@mkdir -p $(@D)
	$(call compile,-Ilibascdev)

$(LIB_SO): $(LIB_OBJ) libascdev/libascdev.map
	$(CC) -shared -Wl,-soname,libascdev.so.$(SOVERSION) -Wl,-z,defs \
		-Wl,--version-script=libascdev/libascdev.map $(CFLAGS) $(LDFLAGS) \
		-o $@ $(LIB_OBJ) $(DRM_LIBS) -pthread
	ln -sf $(@F) $(BUILD)/libascdev.so.$(SOVERSION)
	ln -sf $(@F) $(BUILD)/libascdev.so

$(LIB_A): $(LIB_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

# The programs in build/ carry the library with them, so that they run from anywhere.
$(BUILD)/asc: $(TOOL_OBJ) $(LIB_A)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(DRM_LIBS) -ljansson -lm -pthread

userspace: $(LIB_SO) $(LIB_A) $(BUILD)/asc

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
