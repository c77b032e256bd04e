/* SPDX-License-Identifier: Apache-2.0 */
/* lanner doctor: what this machine allows, what is missing, and how to get it. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "base/util.h"
#include "cli/cli.h"
#include "lanner/lanner.h"

struct opts {
	bool json;
};

static const struct lnr_opt rows[] = {
	{0},
};

static void line(struct lnr_buf *b, bool ok, const char *what, const char *detail)
{
	lnr_buf_printf(b, "  %s %-34s %s\n", ok ? "ok  " : "MISS", what, detail);
}

static uint64_t capabilities(void)
{
	LNR_AUTO_FREE char *text = NULL;
	size_t len;
	if (lnr_read_file("/proc/self/status", 65536, &text, &len, NULL))
		return 0;
	const char *at = strstr(text, "\nCapEff:");
	return at ? strtoull(at + 8, NULL, 16) : 0;
}

static void machine(struct lnr_buf *b, bool *ret_ok)
{
	struct utsname u;
	unsigned major = 0, minor = 0;
	uname(&u);
	sscanf(u.release, "%u.%u", &major, &minor);
	bool kernel = major > 5 || (major == 5 && minor >= 8);
	bool btf = access("/sys/kernel/btf/vmlinux", R_OK) == 0;
	uint64_t caps = capabilities();
	bool sys_admin = caps >> 21 & 1, perfmon = caps >> 38 & 1, bpf = caps >> 39 & 1;
	bool may = sys_admin || (perfmon && bpf);
	lnr_buf_printf(b, "machine\n");
	line(b, kernel, "kernel 5.8 or later", u.release);
	line(b, btf, "kernel types (BTF)",
		btf ? "/sys/kernel/btf/vmlinux"
		    : "this kernel was built without CONFIG_DEBUG_INFO_BTF");
	line(b, may, "right to load BPF",
		may ? "CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN"
		    : "run as root, or give CAP_BPF and CAP_PERFMON");
	line(b, access("/proc/1/cmdline", R_OK) == 0, "/proc of the host",
		"processes that run already are read there");
	*ret_ok = kernel && btf && may;
}

static void memory(struct lnr_buf *b)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	lnr_buf_printf(b,
		"memory\n       rings                              %ld of 8 MiB for %ld CPUs "
		"(engine.modern_ebpf.buf_size_preset, cpus_for_each_buffer)\n"
		"       threads                            at most 262144 "
		"(falco_libs.thread_table_size)\n"
		"       locked memory                      not needed: BPF memory is charged to "
		"the "
		"memory cgroup\n",
		(cpus + 1) / 2, cpus);
}

static int run(void *opts, const char **rest)
{
	struct lnr_hook hooks[64];
	struct lnr_buf b;
	bool ok;
	(void)opts;
	(void)rest;
	lnr_buf_init(&b, 0);
	machine(&b, &ok);
	lnr_buf_cstr(&b, "hooks\n");
	unsigned n = ok ? lnr_hooks_try(hooks, LNR_ARRAY_SIZE(hooks)) : 0;
	for (unsigned i = 0; i < n && i < LNR_ARRAY_SIZE(hooks); i++) {
		const struct lnr_hook *h = &hooks[i];
		lnr_buf_printf(&b, "  %s %-34s %s%s%s%s\n",
			h->result == 0 ? "ok  " : (h->required ? "MISS" : "no  "), h->name,
			h->purpose, h->result ? " (" : "", h->result ? h->reason : "",
			h->result ? ")" : "");
		ok &= h->result == 0 || !h->required;
	}
	if (!n)
		lnr_buf_cstr(&b, "       not tried: see above\n");
	memory(&b);
	lnr_buf_printf(&b, "%s\n",
		ok ? "Lanner can watch this machine."
		   : "Lanner cannot watch this machine yet: mend what is marked MISS. Captures can "
		     "be judged without (lanner replay FILE).");
	int status = lnr_print(&b);
	lnr_buf_done(&b);
	return status ? status : !ok;
}

const struct lnr_cmd lnr_cmd_doctor = {
	.name = "doctor",
	.summary = "say what this machine allows and what is missing",
	.opts = rows,
	.opts_size = sizeof(struct opts),
	.run = run,
};
