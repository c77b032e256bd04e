/* SPDX-License-Identifier: Apache-2.0 */
/* Signals become flags; the loops look at them. File-scope state is allowed in the program only. */
#include "cli/cli.h"

static struct lnr_signals seen;

static void on_signal(int sig)
{
	if (sig == SIGUSR1)
		seen.reopen = 1;
	else if (sig == SIGHUP)
		seen.reload = 1;
	else
		seen.stop = 1;
}

struct lnr_signals *lnr_cli_signals(void)
{
	struct sigaction sa = {.sa_handler = on_signal};
	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	/* A reader that went away is an error of that output, not the end of the program. */
	signal(SIGPIPE, SIG_IGN);
	return &seen;
}
