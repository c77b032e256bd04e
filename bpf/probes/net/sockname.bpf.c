/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* getsockname, getpeername: that they were called; their events have no parameters. */
LNR_CALL(getsockname)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(0, 0), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SOCKET_GETSOCKNAME_X(&e);
	lnr_end_SOCKET_GETSOCKNAME_X(&e);
	lnr_submit(&e);
	return 0;
}

LNR_CALL(getpeername)
{
	struct lnr_emit e;
	if (!lnr_reserve(&e, LNR_RECORD_SIZE(0, 0), LNR_COUNT_DROP_REST))
		return 0;
	lnr_begin_SOCKET_GETPEERNAME_X(&e);
	lnr_end_SOCKET_GETPEERNAME_X(&e);
	lnr_submit(&e);
	return 0;
}
