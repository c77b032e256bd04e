/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a service manager wants to hear (sd_notify(3), the protocol is stable): ready, alive,
 * stopping. Without NOTIFY_SOCKET nothing is said.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "base/clock.h"
#include "cli/cli.h"

void lnr_cli_notify(const char *text)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	size_t n = path ? strlen(path) : 0;
	if (n < 2 || n >= sizeof(a.sun_path) || (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(a.sun_path, path, n);
	if (path[0] == '@')
		a.sun_path[0] = 0; /* abstract */
	int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s < 0)
		return;
	sendto(s, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&a,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
	close(s);
}

uint64_t lnr_cli_watchdog(uint64_t last_ns)
{
	const char *usec = getenv("WATCHDOG_USEC");
	uint64_t v, now;
	if (!usec || lnr_str_u64(lnr_str_c(usec), &v) || !v)
		return last_ns;
	now = lnr_mono_ns(lnr_clock_system());
	/* Twice as often as asked: one may be late. */
	if (now - last_ns < v * 1000 / 2)
		return last_ns;
	lnr_cli_notify("WATCHDOG=1");
	return now;
}
