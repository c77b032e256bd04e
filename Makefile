# SPDX-License-Identifier: Apache-2.0
# The only build file. Output goes to build/<variant>/; the program is build/release/lanner.
#
#   make                  library, program, BPF object
#   make run              install what is missing, build, watch this machine
#   make test             everything that must hold (tools/test)
#   make reload-test      1,000 reloads while 50,000 events a second come in
#   make prometheus-test  a Prometheus server of the distribution reads the metrics
#   make deb-test         the package on a system that has nothing else (debootstrap)
#   make k8s-test         the audit source behind a real Kubernetes, built once in $LNR_K8S_CACHE
#   make oracle-test      another reader of capture files, in a chroot below $LNR_ORACLE, reads ours
#   make bench | fuzz | fmt | install | deb
#   SAN=1  address and undefined-behaviour sanitizers      COV=1  coverage      TSAN=1  data races
#   CC=clang  the other compiler                           FUZZ=1 libFuzzer targets     V=1  commands

ifeq ($(origin CC),default)
CC := gcc
endif
CLANG      ?= clang
LLVM_STRIP ?= llvm-strip
BPFTOOL    ?= $(firstword $(wildcard /usr/sbin/bpftool /usr/bin/bpftool) bpftool)
PKG_CONFIG ?= pkg-config
prefix     ?= /usr
DESTDIR    ?=

# What is made, one line each; V=1 shows the commands instead.
Q   := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))

ifneq ($(FUZZ),)
CC := $(CLANG)
endif
comp    := $(if $(findstring clang,$(notdir $(CC))),-clang)
VARIANT := $(if $(FUZZ),fuzz,$(if $(SAN),san,$(if $(TSAN),tsan,$(if $(COV),cov,release))))$(if $(FUZZ),,$(comp))
B       := build/$(VARIANT)
ARCH    := $(shell uname -m)
BPFARCH := $(if $(filter aarch64,$(ARCH)),arm64,x86)
VERSION := $(shell cat VERSION)

PKGS     := libbpf yaml-0.1 jansson libpcre2-8 zlib libelf libmicrohttpd libcurl libcap libseccomp openssl gnutls
PKG_CPPFLAGS := $(shell $(PKG_CONFIG) --cflags $(PKGS))
CPPFLAGS += -I. -Iinclude -Isrc -I$(B)/gen -D_GNU_SOURCE -DLNR_VERSION='"$(VERSION)"' $(PKG_CPPFLAGS)
WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
            -Wwrite-strings -Wvla -Wformat=2 -Wno-format-nonliteral -Wundef -Werror
CFLAGS   ?= -O2 -g
CFLAGS_ALL := -std=gnu17 $(CFLAGS) $(WARN) -fno-strict-aliasing -fno-common -pthread
LDLIBS   := $(shell $(PKG_CONFIG) --libs $(PKGS)) -lm
ifneq ($(SAN),)
CFLAGS_ALL += -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
endif
ifneq ($(TSAN),)
CFLAGS_ALL += -O1 -fsanitize=thread -fno-omit-frame-pointer
endif
ifneq ($(COV),)
CFLAGS_ALL += -O0 --coverage
endif
ifneq ($(FUZZ),)
CFLAGS_ALL += -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
endif

# A folder is a registry: its listing becomes a table, so a new entry is one new file.
rows = for f in $(1); do b=$${f\#\#*/}; echo "LNR_ROW($${b%%.*})"; done
FIELD_CLASSES := $(sort $(wildcard src/fields/*.c))
CMDS          := $(sort $(wildcard src/cli/cmd/*.c))
DRIVERS       := $(sort $(wildcard src/outputs/drivers/*.c))
PROBES        := $(sort $(wildcard bpf/probes/*/*.bpf.c))

# PART='src/base/% src/decode/%' makes the library of these only, while others do not compile: a test
# links what it uses.
LIB_SRC  := $(filter $(or $(PART),%),$(filter-out src/cli/%,$(sort $(wildcard src/*/*.c src/*/*/*.c))))
CLI_SRC  := $(sort $(wildcard src/cli/*.c)) $(CMDS)
LIB_OBJ  := $(LIB_SRC:%.c=$(B)/obj/%.o)
CLI_OBJ  := $(CLI_SRC:%.c=$(B)/obj/%.o)
TEST_LIB := $(patsubst %.c,$(B)/obj/%.o,$(sort $(wildcard tests/lib/*.c)))
UNIT     := $(patsubst tests/%.c,$(B)/tests/%,$(sort $(wildcard tests/unit/*.c tests/unit/*/*.c)))
KTEST    := $(patsubst tests/%.c,$(B)/tests/%,$(sort $(wildcard tests/kernel/*.c)))
BENCH    := $(patsubst bench/%.c,$(B)/bench/%,$(sort $(wildcard bench/*.c)))
FUZZERS  := $(patsubst fuzz/%.c,$(B)/fuzz/%,$(sort $(wildcard fuzz/*.c)))

.PHONY: deb
.PHONY: all lib run test bench bench-bins fuzz fuzz-bins fmt fmt-check install clean tests unit ktests deps help
.SECONDARY:
.DELETE_ON_ERROR:
all: $(B)/lanner $(B)/lanner.bpf.o $(B)/share

lib: $(B)/liblanner.a

# --- generated tables -----------------------------------------------------------------------
GEN := $(B)/gen/field_classes.inc $(B)/gen/cmds.inc $(B)/gen/drivers.inc $(B)/gen/man.inc
define gen_rows
	@mkdir -p $(@D)
	@{ $(call rows,$(1)) ; } > $@.tmp; cmp -s $@.tmp $@ 2>/dev/null && rm $@.tmp || mv $@.tmp $@
endef
$(B)/gen/field_classes.inc: FORCE
	$(call gen_rows,$(FIELD_CLASSES))
$(B)/gen/cmds.inc: FORCE
	$(call gen_rows,$(CMDS))
$(B)/gen/drivers.inc: FORCE
	$(call gen_rows,$(DRIVERS))
# Manual pages become C strings: help shows what man shows.
$(B)/gen/man.inc: $(sort $(wildcard man/*.8))
	@mkdir -p $(@D)
	@for f in $^; do n=$${f##*/}; echo "{\"$${n%.8}\","; \
	 sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n"/' $$f; echo "},"; done > $@
.PHONY: FORCE
FORCE:

# --- BPF ------------------------------------------------------------------------------------
$(B)/gen/probes.inc: FORCE
	@mkdir -p $(@D)
	@for f in $(PROBES); do echo "#include \"$$f\""; done > $@.tmp; \
	 cmp -s $@.tmp $@ 2>/dev/null && rm $@.tmp || mv $@.tmp $@
BPF_CFLAGS := -g -O2 -target bpf -mcpu=v3 -D__TARGET_ARCH_$(BPFARCH) -D__LNR_BPF__ -I. -Ibpf -I$(B)/gen \
              -Wall -Wextra -Werror -Wno-unused-function -Wno-unused-parameter -Wno-missing-field-initializers \
              -fno-stack-protector $(shell $(PKG_CONFIG) --cflags libbpf)
$(B)/lanner.bpf.o: bpf/lanner.bpf.c $(B)/gen/probes.inc
	@mkdir -p $(@D)
	$(call say,BPF,$@)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MT $@ -MF $@.d -c $< -o $@.tmp
	$(Q)$(LLVM_STRIP) -g $@.tmp -o $@ && rm $@.tmp
$(B)/gen/lanner.skel.h: $(B)/lanner.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name lanner_bpf > $@.tmp && mv $@.tmp $@
-include $(B)/lanner.bpf.o.d
$(patsubst %,$(B)/obj/src/capture/%.o,ring ring_attach ring_load ring_probe): $(B)/gen/lanner.skel.h

# --- library and program --------------------------------------------------------------------
$(B)/obj/%.o: %.c | $(GEN)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -MMD -MP -c $< -o $@
# The list changes with the files, so that the archive holds no object whose source is gone.
$(B)/gen/lib.list: FORCE
	@mkdir -p $(@D)
	@echo $(LIB_OBJ) > $@.tmp; cmp -s $@.tmp $@ && rm $@.tmp || mv $@.tmp $@
$(B)/liblanner.a: $(LIB_OBJ) $(B)/gen/lib.list
	$(call say,AR,$@)
	$(Q)rm -f $@; ar rcs $@ $(LIB_OBJ)
$(B)/lanner: $(CLI_OBJ) $(B)/liblanner.a
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $^ $(LDLIBS) -o $@
-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)

# What the program looks for beside itself when it runs from a build tree.
$(B)/share: $(wildcard rules/*.yaml examples/*.scap)
	@mkdir -p $@ && cp -f $^ $@/ && touch $@

# --- tests ----------------------------------------------------------------------------------
# Unit tests route allocation through tests/lib/failalloc.c, so that each test can also be run with
# every allocation failing in turn.
WRAP := $(foreach f,malloc calloc realloc strdup strndup reallocarray,-Wl,--wrap=$(f))
$(B)/obj/tests/%.o: CPPFLAGS += -Itests
# An archive: each test links the helpers it uses, and through them the stages it is about.
$(B)/libtest.a: $(TEST_LIB)
	@mkdir -p $(@D)
	$(call say,AR,$@)
	$(Q)rm -f $@; ar rcs $@ $^
$(B)/tests/%: $(B)/obj/tests/%.o $(B)/libtest.a $(B)/liblanner.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(WRAP) $(LDLIBS) -lcmocka -o $@
$(B)/tests/unit/cli/opts: $(B)/obj/src/cli/opts.o
# Plugins that tests load: the examples and those of the tests.
PLUGINS := $(patsubst %.c,$(B)/tests/plugins/%.so,$(notdir $(sort $(wildcard tests/plugins/*.c examples/plugin/*.c))))
$(B)/tests/plugins/%.so: tests/plugins/%.c tests/plugins/faulty.h include/lanner/plugin.h
	@mkdir -p $(@D)
	$(call say,SO,$@)
	$(Q)$(CC) -Iinclude $(CFLAGS_ALL) -Wno-missing-prototypes -fPIC -shared $< -o $@
$(B)/tests/plugins/%.so: examples/plugin/%.c include/lanner/plugin.h
	@mkdir -p $(@D)
	$(call say,SO,$@)
	$(Q)$(CC) -Iinclude $(CFLAGS_ALL) -Wno-missing-prototypes -fPIC -shared $< -o $@
$(addprefix $(B)/tests/unit/,plugin/host plugin/isolated engine/plugins engine/plugins_live): | $(PLUGINS)
unit: $(UNIT)
ktests: $(KTEST)
tests: unit ktests

test:
	tools/deps
	tools/test

# Longer than tools/test has time for.
.PHONY: reload-test prometheus-test delivery-test deb-test
reload-test: all
	tests/e2e/reload 1000
prometheus-test: all
	tests/e2e/metrics --server
deb-test: deb
	packaging/test-deb build/lanner_$(VERSION)_$(shell dpkg --print-architecture).deb
delivery-test: all
	LNR_DELIVERY_ROUNDS=100 tests/e2e/delivery
# Takes minutes and a network the first time.
.PHONY: k8s-test oracle-test
oracle-test: all
	tools/oracle-test
k8s-test: all
	tests/k8s/run

# --- benchmarks and fuzzing -----------------------------------------------------------------
$(B)/bench/%: $(B)/obj/bench/%.o $(B)/liblanner.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $^ $(LDLIBS) -o $@
$(B)/bench/plugin: | $(B)/tests/plugins/crash.so
bench-bins: $(BENCH)
bench: all bench-bins
	bench/run
$(B)/fuzz/%: $(B)/obj/fuzz/%.o $(B)/liblanner.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS_ALL) -fsanitize=fuzzer $^ $(LDLIBS) -o $@
fuzz-bins: $(FUZZERS)
fuzz:
	tools/fuzz

# --- the rest -------------------------------------------------------------------------------
run:
	tools/deps
	$(MAKE) all
	tools/run $(B)

C_FILES = $(shell find $(wildcard include schema bpf src tests fuzz bench examples) -name '*.[ch]' \
            -not -path 'tests/reference/*')
fmt:
	clang-format -i $(C_FILES)
fmt-check:
	@clang-format --dry-run --Werror $(C_FILES)

# What an installed Lanner reads; made from the table of keys.
$(B)/lanner.yaml: $(B)/lanner
	$(B)/lanner config --template > $@.tmp && mv $@.tmp $@
install: all $(B)/lanner.yaml
	install -d $(DESTDIR)$(prefix)/bin $(DESTDIR)$(prefix)/lib $(DESTDIR)$(prefix)/include/lanner \
	    $(DESTDIR)$(prefix)/share/lanner/schema $(DESTDIR)$(prefix)/share/man/man8 \
	    $(DESTDIR)$(prefix)/share/lanner/k8s-audit \
	    $(DESTDIR)$(prefix)/lib/systemd/system $(DESTDIR)/etc/lanner/rules.d $(DESTDIR)/etc/logrotate.d
	install -m755 $(B)/lanner $(DESTDIR)$(prefix)/bin/lanner
	install -m644 $(B)/liblanner.a $(DESTDIR)$(prefix)/lib/
	install -m644 include/lanner/*.h $(DESTDIR)$(prefix)/include/lanner/
	install -m644 rules/*.yaml $(DESTDIR)$(prefix)/share/lanner/
	install -m644 schema/json/*.json $(DESTDIR)$(prefix)/share/lanner/schema/
	install -m644 examples/k8s-audit/*.yaml $(DESTDIR)$(prefix)/share/lanner/k8s-audit/
	install -m755 examples/k8s-audit/forward $(DESTDIR)$(prefix)/share/lanner/k8s-audit/
	install -m644 man/*.8 $(DESTDIR)$(prefix)/share/man/man8/
	install -m644 packaging/lanner.service $(DESTDIR)$(prefix)/lib/systemd/system/
	install -m644 packaging/lanner.logrotate $(DESTDIR)/etc/logrotate.d/lanner
	[ -e $(DESTDIR)/etc/lanner/lanner.yaml ] || install -m644 $(B)/lanner.yaml $(DESTDIR)/etc/lanner/
deb: all $(B)/lanner.yaml
	packaging/deb $(B) $(VERSION)
clean:
	rm -rf build
deps:
	tools/deps
help:
	@sed -n '/^#   /s/^# //p' Makefile
