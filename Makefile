# SPDX-License-Identifier: MIT OR Apache-2.0
#
# make            build build/aa-trace          make test     set up the machine, run every test
# make run        set up the machine, build, and watch a command that runs and fails some programs
# The other targets: make help

VERSION := 0.1.0
PREFIX  ?= /usr/local
# ARCH=arm64: for another machine than this one, by Debian's cross compiler, always static. By the names of uname -m
HERE     := $(shell uname -m)
ARCH     := $(HERE)
MACHINE  := $(ARCH:arm64=aarch64)
BPF_ARCH_x86_64  := x86
BPF_ARCH_aarch64 := arm64
BPF_ARCH := $(or $(BPF_ARCH_$(MACHINE)),$(error ARCH=$(ARCH) is neither x86_64 nor arm64))
CROSS    := $(if $(filter-out $(HERE),$(MACHINE)),$(MACHINE)-linux-gnu-)
STATIC   ?= $(if $(CROSS),1)
# STATIC=1: one file for any distribution. SAN=1: with ASan and UBSan. WERROR=1: warnings are errors. V=1: show the
# commands.
B := build$(if $(CROSS),/$(BPF_ARCH))$(if $(SAN),/san)
export PATH := $(PATH):/usr/sbin:/sbin

ifdef CROSS
CXX    := $(CROSS)g++
CC     := $(CROSS)gcc
endif
CLANG  ?= clang
# for the targets that set up and then build everything; -j on the command line wins
PARALLEL = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))
Q      := $(if $(V),,@)
tag     = $(if $(V),,@printf '  %-8s %s\n' $(1) $(2);)

WARNINGS := -Wall -Wextra -Wshadow -Wno-missing-field-initializers $(if $(WERROR),-Werror)
# a false alarm of g++ 12 at every std::string operator+ (its bug 105651)
WARNINGS += $(if $(filter %g++,$(notdir $(CXX))),-Wno-restrict)
# the distribution's spdlog and fmt, compiled in: the binary needs no library of theirs
LIBRARIES := -DFMT_HEADER_ONLY -DSPDLOG_HEADER_ONLY -DSPDLOG_FMT_EXTERNAL
CPPFLAGS += -I$(B) -Ibpf -Isrc $(LIBRARIES) -DAA_VERSION='"$(VERSION)"' $(if $(SAN),,-D_FORTIFY_SOURCE=2)
CXXFLAGS ?= $(if $(SAN),-O1,-O2) -g
CXXFLAGS += -std=c++20 $(WARNINGS) $(if $(SAN),-Wno-maybe-uninitialized) $(if $(SAN),-fsanitize=address$(,)undefined -fno-sanitize-recover -fno-omit-frame-pointer)
# compiling a test takes longer than what it does, but for what the tests share; fortified code needs an optimizer
TESTFLAGS  = $(if $(filter %_test.cpp,$<),-O0 -U_FORTIFY_SOURCE,-O2)
LDFLAGS  += $(if $(SAN),-fsanitize=address$(,)undefined) -Wl,--gc-sections
LDLIBS   := -lbpf -lelf -lz -lcap -lre2
# -mcpu=v3: atomic operations that return the old value (Linux 5.12 and later)
# the headers of this machine: what the programs take from them is the same on each
BPFFLAGS := -g -O2 -mcpu=v3 -target bpf -D__TARGET_ARCH_$(BPF_ARCH) -Wall -Wextra -Wno-unused-parameter \
            -Wno-sign-compare -Ivmlinux -Ibpf -idirafter /usr/include/$(HERE)-linux-gnu
, := ,

SOURCES   := $(wildcard src/*.cpp src/*/*.cpp)
OBJECTS   := $(SOURCES:src/%.cpp=$(B)/obj/%.o)
SKELETONS := $(patsubst bpf/%.bpf.c,$(B)/%.skel.h,$(wildcard bpf/*.bpf.c))
# the sanitizers look at the program, not at its tests: these are the same with and without
suite_objects = $(patsubst %.cpp,$(B:%/san=%)/%.o,$(wildcard tests/$(1)/*.cpp tests/$(1)/*/*.cpp))
WORKLOADS := $(patsubst tests/workloads/%.c,$(B)/workloads/%,$(wildcard tests/workloads/*.c))

.PHONY: all run test vmtest vmtests bench install setup tests san arm64 format check-format tidy vmlinux clean help
.DELETE_ON_ERROR:
.SECONDARY:

PROGRAM := $(B)/$(if $(STATIC),static/)aa-trace
all: $(PROGRAM)

$(B)/aa-trace: $(OBJECTS)
	$(call tag,LINK,$@) $(CXX) $(CXXFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# the same objects, but for the one that does without what glibc has only in its shared libraries
static_objects = $(patsubst $(B)/obj/targets/users.o,$(B)/obj/static/targets/users.o,$(1))
$(B)/static/aa-trace: $(call static_objects,$(OBJECTS))
	@mkdir -p $(@D)
	$(call tag,LINK,$@) $(CXX) $(CXXFLAGS) $(LDFLAGS) -static -o $@ $^ $(LDLIBS)

$(B)/obj/static/%.o: src/%.cpp | $(SKELETONS)
	@mkdir -p $(@D)
	$(call tag,CXX,$<) $(CXX) $(CPPFLAGS) -DAA_STATIC $(CXXFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/%.o: src/%.cpp | $(SKELETONS)
	@mkdir -p $(@D)
	$(call tag,CXX,$<) $(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c -o $@ $<

$(B)/%.bpf.o: bpf/%.bpf.c
	@mkdir -p $(@D)
	$(call tag,CLANG,$<) $(CLANG) $(BPFFLAGS) -MMD -MP -c -o $@ $<
	$(Q)llvm-strip -g $@

$(B)/%.skel.h: $(B)/%.bpf.o
	$(call tag,SKEL,$@) bpftool gen skeleton $< name $(*F)_bpf >$@

# Tests

# BPF programs of the tests' own
$(B)/tests/%.bpf.o: tests/%.bpf.c
	@mkdir -p $(@D)
	$(call tag,CLANG,$<) $(CLANG) $(BPFFLAGS) -MMD -MP -c -o $@ $<
	$(Q)llvm-strip -g $@
$(B)/tests/bpf/rules_probe.o: | $(B)/tests/bpf/rules_probe.skel.h

$(B)/workloads/%: tests/workloads/%.c
	@mkdir -p $(@D)
	$(call tag,CC,$<) $(CC) -std=gnu11 -O2 -Wall -Wextra -Wno-psabi -pthread -static -MMD -MP -MF $@.d -o $@ $<

ifdef SAN
build/tests/%.o: tests/%.cpp
	$(Q)$(MAKE) --no-print-directory SAN= $@
else
$(B)/tests/%.o: tests/%.cpp | $(SKELETONS)
	@mkdir -p $(@D)
	$(call tag,CXX,$<) $(CXX) $(CPPFLAGS) -Itests $(CXXFLAGS) $(TESTFLAGS) -MMD -MP -c -o $@ $<
endif

# the program first: of an inline function that both have, the linker takes the first
$(B)/tests/unit_tests: $(filter-out $(B)/obj/main.o,$(OBJECTS)) $(call suite_objects,unit)
	@mkdir -p $(@D)
	$(call tag,LINK,$@) $(CXX) $(CXXFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(B)/tests/bpf_tests: $(call suite_objects,bpf) $(filter-out $(B)/obj/main.o,$(OBJECTS))
	$(call tag,LINK,$@) $(CXX) $(CXXFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(B)/tests/kernel_tests: $(call suite_objects,kernel)
	$(call tag,LINK,$@) $(CXX) $(CXXFLAGS) $(LDFLAGS) -o $@ $^
$(B)/tests/cli_tests: $(call suite_objects,cli)
	$(call tag,LINK,$@) $(CXX) $(CXXFLAGS) $(LDFLAGS) -o $@ $^ -lutil

$(B)/static/tests/unit_tests: $(call static_objects,$(filter-out $(B)/obj/main.o,$(OBJECTS))) $(call suite_objects,unit)
	@mkdir -p $(@D)
	$(call tag,LINK,$@) $(CXX) $(CXXFLAGS) $(LDFLAGS) -static -o $@ $^ $(LDLIBS)
$(B)/static/tests/bpf_tests: $(call suite_objects,bpf) $(call static_objects,$(filter-out $(B)/obj/main.o,$(OBJECTS)))
	@mkdir -p $(@D)
	$(call tag,LINK,$@) $(CXX) $(CXXFLAGS) $(LDFLAGS) -static -o $@ $^ $(LDLIBS)
$(B)/static/tests/kernel_tests: $(call suite_objects,kernel)
	@mkdir -p $(@D)
	$(call tag,LINK,$@) $(CXX) $(CXXFLAGS) $(LDFLAGS) -static -o $@ $^

# the programs by other compilers than CLANG, for the bpf tests: the verifier must take those too
COMPILERS := clang-16 clang-19
OTHER_OBJECTS := $(COMPILERS:%=$(B)/%/aa_trace.bpf.o)
$(B)/clang-%/aa_trace.bpf.o: bpf/aa_trace.bpf.c
	@mkdir -p $(@D)
	$(call tag,CLANG-$*,$<) clang-$* $(BPFFLAGS) -Werror -MMD -MP -c -o $@ $<
	$(Q)llvm-strip -g $@

# on other kernels, in emulated machines
vmtests: $(B)/static/aa-trace $(B)/static/tests/kernel_tests $(B)/static/tests/bpf_tests $(WORKLOADS) $(OTHER_OBJECTS)
vmtest: setup
	$(Q)$(MAKE) --no-print-directory $(PARALLEL) vmtests
	$(Q)ARCH=$(MACHINE) BUILD=$(B) KERNEL='$(KERNEL)' CASES='$(CASES)' tests/vm/run

# the unit tests once, with the sanitizers, which need another program; its tests are the same objects
san: | $(call suite_objects,unit)
	$(Q)$(MAKE) --no-print-directory SAN=1 build/san/tests/unit_tests
arm64:
	$(Q)$(MAKE) --no-print-directory ARCH=arm64 build/arm64/aa_trace.bpf.o

tests: $(B)/aa-trace san $(B)/tests/bpf_tests $(B)/tests/kernel_tests $(B)/tests/cli_tests $(WORKLOADS) \
       $(OTHER_OBJECTS)

ifdef CROSS
test: setup
	$(Q)$(MAKE) --no-print-directory $(PARALLEL) $(PROGRAM) $(B)/static/tests/unit_tests
	$(Q)tests/run.sh $(B)
else
test: setup
	$(Q)$(MAKE) --no-print-directory $(PARALLEL) WERROR=1 tests vmtests arm64 check-format
	$(Q)tests/run.sh
endif

BENCH := $(B)/bench/bench $(patsubst tests/bench/%.c,$(B)/bench/%,$(wildcard tests/bench/*.c))
$(B)/bench/bench: $(call suite_objects,bench)
	@mkdir -p $(@D)
	$(call tag,LINK,$@) $(CXX) $(CXXFLAGS) $(LDFLAGS) -o $@ $^
$(B)/bench/nop: tests/bench/nop.c
	@mkdir -p $(@D)
	$(call tag,CC,$<) $(CC) -O2 -static -nostdlib -o $@ $<
$(B)/bench/%: tests/bench/%.c
	@mkdir -p $(@D)
	$(call tag,CC,$<) $(CC) -std=gnu11 -O2 -Wall -Wextra -o $@ $<

$(B)/bench/speed: $(call suite_objects,speed) $(filter-out $(B)/obj/main.o,$(OBJECTS))
	@mkdir -p $(@D)
	$(call tag,LINK,$@) $(CXX) $(CXXFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# by the means of the bpf tests, without those
$(B)/bench/worst: $(call suite_objects,worst) $(filter-out %_test.o,$(call suite_objects,bpf)) $(filter-out $(B)/obj/main.o,$(OBJECTS))
	@mkdir -p $(@D)
	$(call tag,LINK,$@) $(CXX) $(CXXFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

bench: setup
	$(Q)$(MAKE) --no-print-directory $(PARALLEL) all $(BENCH) $(B)/bench/speed $(B)/bench/worst
	$(Q)$(B)/bench/bench $(BENCH_FLAGS)
	$(Q)$(B)/bench/speed
	$(Q)$(B)/bench/worst

# The rest

run: setup
	$(Q)$(MAKE) --no-print-directory $(PARALLEL) all
	$(Q)docs/example.sh build/aa-trace

TESTS := tests
run: TESTS :=
setup:
	$(Q)tools/setup.sh $(TESTS) $(if $(CROSS),$(BPF_ARCH))

install: all
	install -D -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/sbin/aa-trace
	install -D -m 644 docs/aa-trace.1 $(DESTDIR)$(PREFIX)/share/man/man1/aa-trace.1
	install -D -m 644 schema/events.schema.json $(DESTDIR)$(PREFIX)/share/aa-trace/events.schema.json

vmlinux:
	$(Q)python3 vmlinux/generate.py vmlinux/types.txt $(or $(BTF),/sys/kernel/btf/vmlinux) >build/vmlinux.h
	$(Q)mv build/vmlinux.h vmlinux/vmlinux.h

FORMATTED := $(wildcard src/*.[ch]pp src/*/*.[ch]pp bpf/*.[ch] tests/*/*.[ch]pp tests/*/*/*.[ch]pp tests/bpf/*.[ch] tests/workloads/*.[ch] tests/bench/*.c)
format:
	$(Q)clang-format -i $(FORMATTED)
check-format:
	$(Q)clang-format --dry-run -Werror $(FORMATTED)
tidy: $(SKELETONS)
	$(Q)clang-tidy --quiet $(SOURCES) -- -std=c++20 $(CPPFLAGS)

clean:
	rm -rf build

help:
	@printf '%s\n' \
	 'make             build build/aa-trace (STATIC=1, SAN=1, V=1; ARCH=arm64: build/arm64/static/aa-trace)' \
	 'make run         set up the machine, build, watch an example' \
	 'make test        set up the machine, run every test' \
	 'make vmtest      the kernel tests on other kernels, in emulated machines (KERNEL=path/to/bzImage, CASES=PATTERN)' \
	 'make bench       measure what watching costs' \
	 'make install     PREFIX=$(PREFIX) DESTDIR=' \
	 'make setup       install what is missing (Debian, Ubuntu; with ARCH=arm64 Debian)' \
	 'make format      check-format, tidy: the style' \
	 'make vmlinux     the kernel types of vmlinux/types.txt anew (BTF=FILE)' \
	 'make clean       remove build/'

-include $(OBJECTS:.o=.d) $(OTHER_OBJECTS:.o=.d) $(B)/obj/static/targets/users.d $(SKELETONS:.skel.h=.bpf.d) $(wildcard $(B)/tests/*/*.d $(B)/tests/*/*/*.d $(B)/workloads/*.d)
