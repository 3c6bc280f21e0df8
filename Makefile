# SPDX-License-Identifier: MIT
#
# make            library, command and examples in build/; the module where headers are found
# make help       the targets

BUILD := build
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
DESTDIR ?=

CC = gcc
CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Wvla -Wstrict-prototypes -Wmissing-prototypes
SANITIZE ?= -fsanitize=address,undefined -fno-sanitize-recover=all
PKG_CONFIG ?= pkg-config
INSTALL ?= install

# Debian's, which has python3-cffi and python3-numpy.  Its directories for /usr and /usr/local.
PYTHON ?= /usr/bin/python3
PYTHONDIR ?= $(PREFIX)/lib/$(if $(filter /usr,$(PREFIX)),python3,$(shell $(PYTHON) -c \
	'import sys; print("python%d.%d" % sys.version_info[:2])'))/dist-packages

# Headers of a kernel to build the module for.
KDIR ?= $(shell selftests/vm/find-headers.sh)

# Kernel's tools/testing/selftests, for the tests' harness.
KSFT_SRC ?=

VERSION := $(shell awk '/ASCDEV_VERSION_(MAJOR|MINOR|PATCH)\t/ { v = v s $$3; s = "." } \
	END { print v }' libascdev/ascdev.h)
SOVERSION := $(firstword $(subst ., ,$(VERSION)))

.PHONY: all userspace modules modules_install dkms_install tests tests32 eval bench bench-driver demo
.PHONY: check
.PHONY: install clean help fuzzers fuzz fuzz-corpus cross-tests check-cross check-long prove docs coverage
.PHONY: tsan-tests abi abi-dump python man
all: userspace
	@if [ -n "$(KDIR)" ]; then $(MAKE) --no-print-directory modules KDIR="$(KDIR)"; \
	else echo "no headers of a kernel >= 6.12 found: the module is not built"; fi

CODEC_SRC := $(wildcard codec/*.c)
LIB_SRC := $(wildcard libascdev/*.c)
TOOL_SRC := $(wildcard tools/*.c)
SUPERRES_SRC := $(wildcard examples/superres/*.c)

LIB_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(CODEC_SRC) $(LIB_SRC))
TOOL_OBJ := $(TOOL_SRC:%.c=$(BUILD)/%.o)
SUPERRES_OBJ := $(SUPERRES_SRC:%.c=$(BUILD)/%.o)

LIB_SO := $(BUILD)/libascdev.so.$(VERSION)
LIB_A := $(BUILD)/libascdev.a

DRM_CFLAGS := $(shell $(PKG_CONFIG) --cflags libdrm 2>/dev/null)
DRM_LIBS := $(shell $(PKG_CONFIG) --libs libdrm 2>/dev/null || echo -ldrm)

# What a file's code may use beside what every CPU has; NAME_avx2.c is for AVX2.
ifeq ($(firstword $(subst -, ,$(shell $(CC) -dumpmachine))),x86_64)
flags_avx2 := -mavx2 -mbmi -mbmi2 -mlzcnt -mpopcnt
flags_avx512 := $(flags_avx2) -mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512vbmi \
	-mavx512vbmi2 -mavx512cd -mavx512vpopcntdq -mgfni -mprefer-vector-width=512
endif
# Loops over values there are written for compilers that vectorise them.
vector_flags = $(if $(filter asc_block asc_cbr asc_float% asc_pooled asc_shape% asc_vbr% surface tile_coders%,$(basename $(notdir $<))),-O3)
# Code that has more vectors in use than there are registers: GCC spills others by this model.
tune_flags = $(if $(filter asc_eights_avx512,$(basename $(notdir $<))),-mtune=icelake-server)
cpu_flags = $(vector_flags) $(flags_$(lastword $(subst _, ,$(basename $<)))) $(tune_flags)

compile = $(CC) -std=gnu11 $(CPPFLAGS) $(CFLAGS) $(WARNINGS) -MMD -MP $(1) -c -o $@ $<

$(BUILD)/codec/%.o: codec/%.c
	@mkdir -p $(@D)
	$(call compile,-fPIC -fvisibility=hidden -Wframe-larger-than=$(if $(filter %_avx2 %_avx512 %_neon,$*),3072,512) \
		$(cpu_flags))

$(BUILD)/libascdev/%.o: libascdev/%.c
	@mkdir -p $(@D)
	$(call compile,-fPIC -Ilibascdev -Icodec -Iuapi $(DRM_CFLAGS))

$(BUILD)/tools/%.o: tools/%.c
	@mkdir -p $(@D)
	$(call compile,-Ilibascdev)

$(BUILD)/examples/%.o: examples/%.c
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
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(DRM_LIBS) -ljansson -lpng -lzip -lm -pthread

$(BUILD)/minimal: $(BUILD)/examples/minimal.o $(LIB_A)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(DRM_LIBS) -pthread

$(BUILD)/superres: $(SUPERRES_OBJ) $(LIB_A)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(DRM_LIBS) -lpng -lm -pthread

$(BUILD)/ebpc-vectors: codec/tests/ebpc_vectors.c $(BUILD)/codec/ebpc.o
	$(CC) -std=gnu11 $(CPPFLAGS) $(CFLAGS) $(WARNINGS) $(LDFLAGS) -Icodec -o $@ $^ -ljansson

$(BUILD)/tools/eval/%.o: CFLAGS += -fPIC
$(BUILD)/accuracy_codec.so: $(BUILD)/tools/eval/accuracy_codec.o $(LIB_A)
	$(CC) -shared -Wl,--exclude-libs,ALL $(CFLAGS) $(LDFLAGS) -o $@ $^ $(DRM_LIBS) -pthread

$(BUILD)/driver-bench: selftests/bench/driver_bench.c selftests/ascdev_test.h $(LIB_A)
	$(CC) -std=gnu11 $(CPPFLAGS) $(CFLAGS) $(WARNINGS) $(LDFLAGS) -Ilibascdev -Iuapi \
		$(DRM_CFLAGS) -o $@ $< $(LIB_A) $(DRM_LIBS) -pthread

# What the codecs are compared with, as far as it is installed.
$(BUILD)/tools/bench/peers.mk: FORCE
	@mkdir -p $(@D)
	@tools/bench/find-peers.sh "$(CC)" "$(CXX)" $@
FORCE:

BENCH_SRC := $(wildcard tools/bench/*.c)
ifneq ($(filter $(BUILD)/codec-bench,$(MAKECMDGOALS)),)
-include $(BUILD)/tools/bench/peers.mk
endif
BENCH_OBJ := $(BENCH_SRC:%.c=$(BUILD)/%.o) $(BUILD)/tools/npy.o \
	$(if $(findstring SQUISH,$(PEER_FLAGS)),$(BUILD)/tools/bench/bc4.o)

$(BUILD)/tools/bench/coder_peers.o: CPPFLAGS += $(PEER_FLAGS)
$(BUILD)/tools/bench/coder_peers.o: $(BUILD)/tools/bench/peers.mk
$(BUILD)/tools/bench/bc4.o: tools/bench/bc4.cpp
	@mkdir -p $(@D)
	$(CXX) -std=gnu++17 $(CPPFLAGS) $(CFLAGS) -Wall -Wextra -fno-exceptions -fno-rtti -MMD -MP \
		-Ilibascdev -c -o $@ $<

$(BUILD)/codec-bench: $(BENCH_OBJ) $(LIB_A) $(BUILD)/tools/bench/peers.mk
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(DRM_LIBS) $(PEER_LIBS) \
		-ljansson -lm -pthread

userspace: $(LIB_SO) $(LIB_A) $(BUILD)/asc $(BUILD)/minimal $(BUILD)/superres $(BUILD)/ebpc-vectors \
		$(BUILD)/accuracy_codec.so $(BUILD)/driver-bench
	@if $(PYTHON) -c 'import cffi' 2>/dev/null; then $(MAKE) --no-print-directory python; \
	else echo "$(PYTHON) has no cffi (python3-cffi): the Python package is not built"; fi

# The Python package, beside the library that it finds there.
PYTHON_FILES := $(patsubst python/%,$(BUILD)/python/%,$(wildcard python/ascdev/*.py \
	python/ascdev/py.typed)) $(BUILD)/python/ascdev/_binding.py

python: $(PYTHON_FILES) $(LIB_SO)

$(BUILD)/python/ascdev/_binding.py: python/make_binding.py libascdev/ascdev.h
	@mkdir -p $(@D)
	$(PYTHON) python/make_binding.py "$(CC)" libascdev/ascdev.h $@

$(BUILD)/python/%: python/%
	@mkdir -p $(@D)
	cp $< $@

# A page for each function of the library, from the comments of its header.
MAN3 := $(BUILD)/man/man3

man: $(MAN3)/libascdev.3

$(MAN3)/libascdev.3: libascdev/man/make-man.py libascdev/ascdev.h examples/minimal.c \
		$(wildcard libascdev/man/*.c)
	rm -rf $(@D)
	$(PYTHON) libascdev/man/make-man.py libascdev/ascdev.h $(@D)

modules:
	@test -n "$(KDIR)" || { echo "KDIR= must name the headers of a kernel >= 6.12"; exit 1; }
	selftests/vm/build-module.sh "$(KDIR)" \
		"$(BUILD)/modules/$$(cat "$(KDIR)/include/config/kernel.release")"

modules_install: modules
	$(INSTALL) -D -m 644 -t $(DESTDIR)/lib/modules/$$(cat "$(KDIR)/include/config/kernel.release")/updates \
		$(BUILD)/modules/$$(cat "$(KDIR)/include/config/kernel.release")/ascdev.ko

# The source of the module for DKMS, and no more.
DKMS_DIR := $(DESTDIR)/usr/src/ascdev-$(VERSION)

dkms_install:
	rm -rf $(DKMS_DIR)
	$(INSTALL) -D -m 644 -t $(DKMS_DIR) Kbuild
	$(INSTALL) -D -m 644 -t $(DKMS_DIR)/codec codec/*.[ch]
	$(INSTALL) -D -m 644 -t $(DKMS_DIR)/codec/tests codec/tests/golden.h codec/tests/*.inc
	$(INSTALL) -D -m 644 -t $(DKMS_DIR)/driver driver/*.[ch]
	$(INSTALL) -D -m 644 -t $(DKMS_DIR)/driver/tests driver/tests/*.[ch]
	$(INSTALL) -D -m 644 -t $(DKMS_DIR)/uapi/drm uapi/drm/*.h
	sed 's|@VERSION@|$(VERSION)|' dkms.conf > $(DKMS_DIR)/dkms.conf

# Native tests carry a sanitised build of what they test, which they share.
test_flags = -std=gnu11 $(CPPFLAGS) $(CFLAGS) -Wall $(SANITIZE) -Icodec -I$(KSFT_SRC) -Iselftests

CODEC_TESTS := $(patsubst codec/tests/%.c,%,$(wildcard codec/tests/*_test.c))
LIB_TESTS := $(patsubst libascdev/tests/%.c,%,$(wildcard libascdev/tests/*_test.c))
# Those with threads are built a second time, with ThreadSanitizer.
TSAN_TESTS := api_test async_test

test_lib_flags = $(test_flags) -Ilibascdev -Iuapi $(DRM_CFLAGS)
TEST_LIB_OBJ := $(patsubst %.c,%.o,$(CODEC_SRC) $(LIB_SRC))

# A check in the line for each access of vector code would take the compiler a minute a file.
asan_flags = $(if $(findstring -mavx,$(cpu_flags)),-g1 --param asan-instrumentation-with-call-threshold=0)

$(BUILD)/tests/asan/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(test_lib_flags) $(cpu_flags) $(asan_flags) -MMD -MP -c -o $@ $<

$(BUILD)/tests/tsan/%.o: SANITIZE = -fsanitize=thread
$(BUILD)/tests/tsan/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(test_lib_flags) $(cpu_flags) -MMD -MP -c -o $@ $<

$(CODEC_TESTS:%=$(BUILD)/tests/%): $(BUILD)/tests/%: $(BUILD)/tests/asan/codec/tests/%.o \
		$(CODEC_SRC:%.c=$(BUILD)/tests/asan/%.o)
	$(CC) $(CFLAGS) $(SANITIZE) -o $@ $^ -lm -pthread

$(LIB_TESTS:%=$(BUILD)/tests/%): $(BUILD)/tests/%: $(BUILD)/tests/asan/libascdev/tests/%.o \
		$(TEST_LIB_OBJ:%=$(BUILD)/tests/asan/%)
	$(CC) $(CFLAGS) $(SANITIZE) $(test_ldflags) -o $@ $^ $(DRM_LIBS) -pthread

# The command, for its tests.
$(BUILD)/tests/asc: $(TOOL_SRC:%.c=$(BUILD)/tests/asan/%.o) $(TEST_LIB_OBJ:%=$(BUILD)/tests/asan/%)
	$(CC) $(CFLAGS) $(SANITIZE) -o $@ $^ $(DRM_LIBS) -ljansson -lpng -lzip -lm -pthread

$(TSAN_TESTS:%=$(BUILD)/tests/%_tsan): $(BUILD)/tests/%_tsan: \
		$(BUILD)/tests/tsan/libascdev/tests/%.o $(TEST_LIB_OBJ:%=$(BUILD)/tests/tsan/%)
	$(CC) $(CFLAGS) -fsanitize=thread -o $@ $^ $(DRM_LIBS) -pthread

# For valgrind, which takes no sanitiser: on the library that is installed.
PLAIN_TESTS := $(LIB_TESTS:%=$(BUILD)/tests/%_plain)

$(PLAIN_TESTS): $(BUILD)/tests/%_plain: libascdev/tests/%.c $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(test_lib_flags) $(test_ldflags) -o $@ $< $(LIB_A) $(DRM_LIBS) -pthread
$(PLAIN_TESTS): SANITIZE :=

# It makes these fail.
$(BUILD)/tests/errors_test $(BUILD)/tests/errors_test_plain: test_ldflags = \
	-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=pthread_create

MAN_EXAMPLES := $(patsubst libascdev/man/%.c,$(BUILD)/man-examples/%,$(wildcard libascdev/man/*.c))

$(MAN_EXAMPLES): $(BUILD)/man-examples/%: libascdev/man/%.c $(LIB_A)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(WARNINGS) $(LDFLAGS) -Ilibascdev -o $@ $^ $(DRM_LIBS) -pthread

tsan-tests: $(TSAN_TESTS:%=$(BUILD)/tests/%_tsan)

tests: $(CODEC_TESTS:%=$(BUILD)/tests/%) $(LIB_TESTS:%=$(BUILD)/tests/%) tsan-tests \
		$(PLAIN_TESTS) $(MAN_EXAMPLES) $(LIB_A) $(BUILD)/tests/asc
	@test -n "$(KSFT_SRC)" || { echo "KSFT_SRC= must name the kernel's selftests"; exit 1; }
	@mkdir -p $(BUILD)/selftests
	MAKEFLAGS= CFLAGS="$(CFLAGS)" $(MAKE) -s -C selftests KSFT_SRC=$(KSFT_SRC) \
		OUTPUT=$(CURDIR)/$(BUILD)/selftests

# 32-bit programs on a 64-bit kernel: the tests that are short.  The harness prints pointers
# as numbers.
TESTS32 := $(addprefix ascdev_,bo cancel context fdinfo priority query reset security submit sync)

tests32:
	@test -n "$(KSFT_SRC)" || { echo "KSFT_SRC= must name the kernel's selftests"; exit 1; }
	@mkdir -p $(BUILD)/selftests32
	MAKEFLAGS= CFLAGS="$(CFLAGS) -D_FILE_OFFSET_BITS=64 -Wno-pointer-to-int-cast" \
		$(MAKE) -s -C selftests KSFT_SRC=$(KSFT_SRC) CROSS_COMPILE=i686-linux-gnu- \
		LDFLAGS=-static OUTPUT=$(CURDIR)/$(BUILD)/selftests32 \
		$(TESTS32:%=$(CURDIR)/$(BUILD)/selftests32/%)

# Fuzz targets: one program a file in codec/fuzz and tools/fuzz.
FUZZ_CC := clang-19
FUZZ_SECONDS ?= 60
FUZZERS := $(patsubst codec/fuzz/fuzz_%.c,$(BUILD)/fuzz/%,$(wildcard codec/fuzz/fuzz_*.c))

fuzz_flags = $(CFLAGS) -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all

$(BUILD)/fuzz/obj/%.o: codec/%.c
	@mkdir -p $(@D)
	$(FUZZ_CC) -std=gnu11 $(CPPFLAGS) $(fuzz_flags) $(cpu_flags) -Wall -Icodec -MMD -MP -c -o $@ $<

$(FUZZERS): $(BUILD)/fuzz/%: $(BUILD)/fuzz/obj/fuzz/fuzz_%.o $(CODEC_SRC:codec/%.c=$(BUILD)/fuzz/obj/%.o)
	$(FUZZ_CC) $(fuzz_flags) -o $@ $^

# Readers of files, of the command.
TOOL_FUZZERS := $(patsubst tools/fuzz/fuzz_%.c,$(BUILD)/fuzz/%,$(wildcard tools/fuzz/fuzz_*.c))
$(BUILD)/fuzz/container: FUZZED := tools/container.c tools/file.c tools/tensor.c tools/npy.c \
	tools/npz.c tools/safetensors.c
$(BUILD)/fuzz/tensors: FUZZED := tools/file.c tools/tensor.c tools/npy.c tools/npz.c \
	tools/safetensors.c

$(BUILD)/fuzz/table: FUZZED := tools/pattern.c libascdev/table.c libascdev/describe.c \
	libascdev/error.c codec/params_text.c

$(TOOL_FUZZERS): $(BUILD)/fuzz/%: tools/fuzz/fuzz_%.c $(LIB_A) $(TOOL_SRC) \
		$(wildcard tools/*.h tools/fuzz/*.h)
	@mkdir -p $(@D)
	$(FUZZ_CC) -std=gnu11 $(CPPFLAGS) $(CFLAGS) -Wall -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all -Ilibascdev -Icodec -Iuapi -Itools $(DRM_CFLAGS) \
		-o $@ $< $(FUZZED) $(LIB_A) \
		$(DRM_LIBS) -ljansson -lzip -lm -pthread

fuzzers: $(FUZZERS) $(TOOL_FUZZERS)

fuzz: fuzzers
	codec/fuzz/fuzz_test.sh $(BUILD)/fuzz $(FUZZ_SECONDS)

fuzz-corpus: fuzzers
	codec/fuzz/make-corpus.sh $(BUILD)/fuzz $(FUZZ_SECONDS)

# The codec's tests for other machines, to be run by qemu-user; without sanitisers, which
# Debian has no static libraries of.
CROSS := aarch64-linux-gnu s390x-linux-gnu arm-linux-gnueabihf
cross_flags = -std=gnu11 $(CPPFLAGS) $(CFLAGS) -Wall -MMD -MP -Icodec -I$(KSFT_SRC) -Iselftests

define cross_rules
$(BUILD)/cross/$(1)/%.o: codec/%.c
	@mkdir -p $$(@D)
	$(1)-gcc $$(cross_flags) $$(vector_flags) -c -o $$@ $$<

$(CODEC_TESTS:%=$(BUILD)/cross/$(1)/%): $(BUILD)/cross/$(1)/%: codec/tests/%.c \
		$(CODEC_SRC:codec/%.c=$(BUILD)/cross/$(1)/%.o)
	$(1)-gcc $$(cross_flags) -static -o $$@ $$(filter %.c %.o,$$^) -pthread -lm

cross-tests: $(CODEC_TESTS:%=$(BUILD)/cross/$(1)/%)
endef
$(foreach machine,$(CROSS),$(eval $(call cross_rules,$(machine))))

check-cross:
	selftests/vm/install-packages.sh build cross
	$(MAKE) cross-tests KSFT_SRC="$${KSFT_SRC:-$$(selftests/vm/fetch-kernel.sh source-6.12)/tools/testing/selftests}"
	codec/tests/cross_test.sh $(BUILD)/cross

prove:
	selftests/vm/install-packages.sh build prove
	codec/proofs/prove.sh $(BUILD)/proofs

# Tables and plots of rate and quality.  MAPS and ACCURACY name directories that are not
# part of the tree; what they are needed for is left out without them.
MAPS ?=
ACCURACY ?=
eval: userspace
	tools/eval/evaluate.py --out $(BUILD)/eval $(if $(MAPS),--maps "$(MAPS)") \
		$(if $(ACCURACY),--accuracy "$(ACCURACY)")

# The binary interface: what programs that are linked to the library rely on.
ABI_FILE := libascdev/abi/libascdev.abi
abidw = abidw --header-file libascdev/ascdev.h --drop-private-types --exported-interfaces-only \
	--no-corpus-path --no-comp-dir-path --no-show-locs --type-id-style hash

$(BUILD)/libascdev.abi: $(LIB_SO)
	$(abidw) --out-file $@ $<

abi: $(BUILD)/libascdev.abi
	abidiff $(ABI_FILE) $<

abi-dump: $(BUILD)/libascdev.abi
	cp $< $(ABI_FILE)

docs:
	Documentation/build-docs.sh $(BUILD)/docs

demo:
	selftests/vm/demo.sh

check:
	selftests/vm/check.sh

# BENCH: arguments, of build/driver-bench or of tools/bench/bench.sh.
BENCH ?=

# Speed in process, beside other libraries.
bench:
	selftests/vm/install-packages.sh build bench
	$(MAKE) --no-print-directory userspace $(BUILD)/codec-bench
	tools/bench/bench.sh $(if $(MAPS),--maps "$(MAPS)") $(BENCH)

# What jobs cost, in guests.
bench-driver:
	selftests/vm/bench.sh $(BENCH)

coverage:
	selftests/vm/coverage.sh

check-long:
	selftests/vm/check-long.sh

install: userspace man
	$(INSTALL) -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/include \
		$(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(PREFIX)/lib/udev/rules.d
	$(INSTALL) -m 755 $(BUILD)/asc $(DESTDIR)$(PREFIX)/bin/
	$(INSTALL) -D -m 644 tools/asc.1 $(DESTDIR)$(PREFIX)/share/man/man1/asc.1
	$(INSTALL) -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man3 $(MAN3)/*.3
	$(INSTALL) -D -m 644 tools/asc.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/asc
	$(INSTALL) -m 644 libascdev/ascdev.h $(DESTDIR)$(PREFIX)/include/
	$(INSTALL) -m 644 $(LIB_A) $(DESTDIR)$(LIBDIR)/
	$(INSTALL) -m 755 $(LIB_SO) $(DESTDIR)$(LIBDIR)/
	ln -sf $(notdir $(LIB_SO)) $(DESTDIR)$(LIBDIR)/libascdev.so.$(SOVERSION)
	ln -sf $(notdir $(LIB_SO)) $(DESTDIR)$(LIBDIR)/libascdev.so
	sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@VERSION@|$(VERSION)|' \
		libascdev/libascdev.pc.in > $(DESTDIR)$(LIBDIR)/pkgconfig/libascdev.pc
	$(INSTALL) -m 644 driver/60-ascdev.rules $(DESTDIR)$(PREFIX)/lib/udev/rules.d/
	@if [ -e $(BUILD)/python/ascdev/_binding.py ]; then \
		$(INSTALL) -d $(DESTDIR)$(PYTHONDIR)/ascdev && \
		$(INSTALL) -m 644 $(PYTHON_FILES) $(DESTDIR)$(PYTHONDIR)/ascdev/; \
	fi

clean:
	rm -rf $(BUILD)

help:
	@echo 'make                    library, command and examples in build/, and the module'
	@echo '                        where headers of a kernel >= 6.12 are found'
	@echo 'make demo               run a network through the driver, in a guest'
	@echo 'make check              run every test; builds a kernel the first time'
	@echo 'make check-long         what takes too long for that: half an hour and more'
	@echo 'make userspace          library, command and examples only'
	@echo 'make python             the Python package, in build/python'
	@echo 'make man                man pages of the library, in build/man'
	@echo 'make modules KDIR=DIR   the module, for the kernel whose headers are in DIR'
	@echo 'make modules_install    install it below DESTDIR'
	@echo 'make dkms_install       its source for DKMS, into /usr/src below DESTDIR'
	@echo 'make install            install the rest below DESTDIR and PREFIX (/usr/local)'
	@echo 'make tests KSFT_SRC=DIR build the tests; DIR: tools/testing/selftests of a kernel'
	@echo 'make tsan-tests         likewise, those of threads with ThreadSanitizer'
	@echo 'make abi                compare the binary interface with libascdev/abi'
	@echo 'make abi-dump           make it the one to compare with, where it may change'
	@echo 'make fuzz               fuzz codecs and readers, FUZZ_SECONDS=60 each'
	@echo 'make check-cross        the codec on aarch64, s390x and arm, by qemu-user'
	@echo 'make tests32 KSFT_SRC=DIR'
	@echo '                        the short ones as 32-bit programs'
	@echo 'make bench [MAPS=DIR]   speed in process, beside memcpy and other libraries, in build/bench;'
	@echo '                        BENCH=--guest adds bench-driver; tools/bench/bench.sh --help'
	@echo 'make bench-driver       what jobs cost, in guests; build/driver-bench --help'
	@echo 'make eval MAPS=DIR ACCURACY=DIR'
	@echo '                        rate and quality of every codec; tools/eval/evaluate.py --help'
	@echo 'make docs               Documentation/ as HTML, in build/docs/html'
	@echo 'make coverage           lines of driver/ and codec/ that the tests in a guest reach'
	@echo 'make prove              proofs about the block coders'
	@echo 'make clean              remove build/; kernels stay in ~/.cache/ascdev'

-include $(shell find $(BUILD) -path $(BUILD)/modules -prune -o -name '*.d' -print 2>/dev/null)
