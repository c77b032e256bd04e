/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rights that are not needed once the probe is at work are given up, for this process and for what
 * it may start. Kept are, for
 *
 *	/proc of other users		SYS_PTRACE, DAC_READ_SEARCH
 *	more programs after a reload	BPF, PERFMON
 *	a web server or a source
 *	that listens on a low port	NET_BIND_SERVICE
 *	outputs that open files of
 *	others or run programs		nearly all of them, see below
 *
 * A program output runs the user's own command, which may need any right that root has; a file
 * output may lie in another user's directory. With one of them only the rights over the kernel go.
 */
#include <errno.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include "cli/cli.h"
#include "lanner/config.h"

/* Never needed after the start, whatever is configured. */
static const cap_value_t kernel_rights[] = {CAP_SYS_MODULE, CAP_SYS_RAWIO, CAP_SYS_BOOT,
	CAP_SYS_TIME, CAP_SYS_CHROOT, CAP_MKNOD, CAP_LINUX_IMMUTABLE, CAP_NET_ADMIN, CAP_NET_RAW,
	CAP_MAC_ADMIN, CAP_MAC_OVERRIDE, CAP_AUDIT_CONTROL, CAP_WAKE_ALARM, CAP_BLOCK_SUSPEND,
	CAP_SYS_PACCT, CAP_SYS_TTY_CONFIG, CAP_IPC_OWNER, CAP_LEASE};

/* All that is kept when nothing runs programs or opens files. */
static const cap_value_t watching[] = {
	CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH, CAP_BPF, CAP_PERFMON, CAP_SYSLOG};

static bool in_list(const cap_value_t *list, size_t n, cap_value_t c)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i] == c)
			return true;
	}
	return false;
}

static bool keeps(cap_value_t c, bool whole, bool split, bool low_port)
{
	if (c == CAP_NET_BIND_SERVICE && low_port)
		return true;
	if (whole)
		return !in_list(kernel_rights, LNR_ARRAY_SIZE(kernel_rights), c);
	/* A kernel without CAP_BPF (before 5.8) asks for SYS_ADMIN. */
	if (c == CAP_SYS_ADMIN)
		return !split;
	return in_list(watching, LNR_ARRAY_SIZE(watching), c);
}

int lnr_cli_drop_privileges(const struct lnr_config *config, struct lnr_err *err)
{
	static const cap_flag_t sets[] = {CAP_EFFECTIVE, CAP_PERMITTED, CAP_INHERITABLE};
	bool whole = lnr_config_bool(config, "program_output.enabled") ||
		     lnr_config_bool(config, "file_output.enabled") ||
		     *lnr_config_str(config, "metrics.output_file") ||
		     lnr_config_bool(config, "capture.enabled");
	/* Sources that listen are opened anew at a reload. */
	bool low_port = (lnr_config_bool(config, "webserver.enabled") &&
				lnr_config_int(config, "webserver.listen_port") < 1024) ||
			*lnr_config_str(config, "k8s_audit.listen") ||
			lnr_config_count(config, "plugins");
	bool split = CAP_IS_SUPPORTED(CAP_BPF) && CAP_IS_SUPPORTED(CAP_PERFMON);
	cap_t caps = cap_get_proc();
	if (!caps)
		return lnr_fail(err, -errno, "cannot read capabilities: %s", strerror(errno));
	for (cap_value_t c = 0; c <= cap_max_bits() - 1; c++) {
		if (keeps(c, whole, split, low_port))
			continue;
		/* Refused without SETPCAP: then it is not there to be inherited either. */
		prctl(PR_CAPBSET_DROP, c, 0, 0, 0);
		for (size_t s = 0; s < LNR_ARRAY_SIZE(sets); s++)
			cap_set_flag(caps, sets[s], 1, &c, CAP_CLEAR);
	}
	int r = cap_set_proc(caps) ? -errno : 0;
	cap_free(caps);
	return r ? lnr_fail(err, r, "cannot drop capabilities: %s", strerror(-r)) : 0;
}
