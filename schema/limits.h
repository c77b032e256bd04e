/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Every size limit, with its reason. Plain integer constants: the BPF target includes this too.
 *
 * One section per folder; a limit stands here and nowhere else, so that an operator's question
 * "why was it cut" has one place to look. Record sizes that are part of the format are in record.h.
 */
#ifndef LNR_SCHEMA_LIMITS_H
#define LNR_SCHEMA_LIMITS_H

/* --- base -------------------------------------------------------------------------------------*/

/* Content of a buffer that was given no maximum of its own: above any alert, listing or reply,
 * below what would hurt the machine. */
#define LNR_BUF_BYTES_MAX (64 * 1024 * 1024)
/* First allocation of a buffer: most formatted lines fit. */
#define LNR_BUF_BYTES_MIN 256
/* First and largest ordinary block of an arena; larger objects get a block of their own. */
#define LNR_ARENA_BLOCK_BYTES_MIN 4096
#define LNR_ARENA_BLOCK_BYTES_MAX (1024 * 1024)
/* First and largest chunk of a pool. The largest bounds what one burst of threads leaves behind. */
#define LNR_POOL_CHUNK_BYTES_MIN 4096
#define LNR_POOL_CHUNK_BYTES_MAX (1024 * 1024)
/* Differing part of two names compared for "did you mean": longer than any field or key. */
#define LNR_DISTANCE_BYTES_MAX 255
/* One message of the log, NUL included: it is built on the stack of whoever logs. */
#define LNR_LOG_BYTES_MAX 4096
/* Nesting of JSON that others wrote, as deep as the reference's plugins read. */
#define LNR_JSON_READ_DEPTH 300
/* Values of one such document, 16 bytes each: a batch of 12 MB with a value in 3 bytes. Real ones
 * have one in 12. */
#define LNR_JSON_NODES_MAX (4u << 20)
/* Names in one JSON pointer: nothing deeper can be read. */
#define LNR_JSON_POINTER_TOKENS 300
/* A compiled time zone; the largest of the tz database has 3.5 KiB. */
#define LNR_ZONE_FILE_BYTES (64 << 10)
/* Name of a time zone; the longest has 32 bytes. */
#define LNR_ZONE_NAME_MAX 255

/* --- records ----------------------------------------------------------------------------------*/

/* Longest path or string argument a probe reads, NUL included: PATH_MAX of the kernel. */
#define LNR_PATH_BYTES_MAX 4096
/* Longest path kept in state, NUL included: the fixed path size of the reference
 * implementation, so that replays cut at the same byte. */
#define LNR_STATE_PATH_BYTES_MAX 1024
/* Arguments and, apart from them, environment of one exec: 4096 bytes as the reference reads. */
#define LNR_ARGS_BYTES_MAX 4096

/* --- capture files ----------------------------------------------------------------------------*/

/* Window over the uncompressed stream: some thousand events, small enough for the second-level
 * cache. Grows only for a single larger block. */
#define LNR_SCAP_WINDOW_BYTES (256u << 10)
/* Compressed bytes read at once. */
#define LNR_SCAP_RAW_BYTES (64u << 10)
/* Blocks gathered before they are written or compressed; holds several of the largest ordinary
 * ones. */
#define LNR_SCAP_WRITE_BYTES (256u << 10)
/* One event with 32-bit lengths (plugin data, container metadata). Data of a plugin event are
 * bounded by its own source, usually below 1 MiB; beyond this the length is taken for damage. */
#define LNR_SCAP_EVENT_BYTES (64u << 20)
/* Enter events waiting for their exit, all together, and how many. One per thread of a machine
 * with the largest thread table; the oldest goes first. */
#define LNR_SCAP_PENDING_BYTES (64u << 20)
#define LNR_SCAP_PENDING_MAX   LNR_THREADS_MAX
/* Body of a table block at which the next begins: keeps what must be in memory at once small, and
 * lengths far below the 31 bits that some readers count in. */
#define LNR_SCAP_TABLE_BYTES (1u << 20)

/* --- Kubernetes audit -------------------------------------------------------------------------*/

/* One audit event, and a request body or line: the reference's defaults (spec k8s-audit.md 1). What
 * is larger than the first is trimmed, than the second refused. */
#define LNR_AUDIT_EVENT_BYTES 262144
#define LNR_AUDIT_BATCH_BYTES 12582912
/* Most that a configuration may ask for: a record's length is taken for damage beyond. */
#define LNR_AUDIT_BYTES_MAX (LNR_SCAP_EVENT_BYTES / 2)
/* Request bodies that wait: as many as in the reference, which has no bound on their bytes; here
 * four of the largest. */
#define LNR_AUDIT_QUEUE_DOCS   50
#define LNR_AUDIT_QUEUE_BODIES 4
/* Bytes read from a file at once. */
#define LNR_AUDIT_READ_BYTES (256 << 10)
/* Values of a document whose memory is kept for the next one: 1 MiB. */
#define LNR_AUDIT_NODES_KEPT 65536
/* Documents in a row that give no event, and reads that give no line, after which the engine looks
 * at other things. */
#define LNR_AUDIT_FRUITLESS 64
/* Files in one directory. */
#define LNR_AUDIT_FILES_MAX 100000
/* The text of init_config. */
#define LNR_AUDIT_CONFIG_BYTES (1 << 20)

/* --- state ------------------------------------------------------------------------------------*/

/* Threads kept: the reference's table size (spec events-and-state 8.2);
 * beyond it new threads are counted, not kept. */
#define LNR_THREADS_MAX 262144
/* Descriptors kept per process: spec events-and-state 8.4; further ones are
 * counted and ignored. */
#define LNR_FDS_PER_PROCESS_MAX 4096
/* Seconds between searches for threads that went away unseen, and since the last event of one
 * that may have: the reference program's defaults (spec events-and-state 8.2). */
#define LNR_PURGE_INTERVAL_S 300
#define LNR_THREAD_TIMEOUT_S 300
/* Who exited just now: the reference's ring (spec events-and-state 8.1), 208 KiB. */
#define LNR_EXITED_RING 8192
/* Record kept between enter and exit: larger ones are not kept (spec events-and-state 7.3). */
#define LNR_STORED_RECORD_BYTES_MAX 4096
/* Small objects share chunks; larger ones, mostly environments, go to the heap. */
#define LNR_SLAB_OBJECT_MAX  1024u
#define LNR_SLAB_CHUNK_BYTES 32768u
/* Scratch for callers whose event has none of its own: paths and a list of cgroups. */
#define LNR_STATE_SCRATCH_BYTES (1u << 20)
/* Cgroup paths remembered: several for each of 100 containers. */
#define LNR_CGROUP_CACHE_MAX 1024
/* Container id with its NUL: 12 characters for most, a name for lxc, libvirt and bpm. */
#define LNR_CONTAINER_ID_BYTES_MAX 256
/* Containers known at a time: container-metadata 20, number 12. The oldest gives way. */
#define LNR_CONTAINERS_MAX 10000
/* Metadata of one container: labels and environment make the size; the record format allows
 * more, nobody needs it. */
#define LNR_CONTAINER_JSON_BYTES_MAX (1u << 20)
/* Addresses of one machine; a node with a thousand pods has about that many. */
#define LNR_IFACES_MAX 4096
/* Users and groups, all containers together; names and paths as long as the reference keeps
 * them (spec events-and-state 9). */
#define LNR_USERS_MAX		65536
#define LNR_USER_NAME_BYTES_MAX 256
#define LNR_USER_PATH_BYTES_MAX 1024
/* passwd(5) or group(5) of a container: hostile, so bounded. */
#define LNR_USER_DB_BYTES_MAX (4u << 20)
/* A user looked for in vain is not looked for again for so long. */
#define LNR_USER_MISS_S 60
/* One of a container that still has the host's root is, after so long: runtimes take longer from
 * the cgroup to the program, and this many questions a second cost nothing. */
#define LNR_USER_AGAIN_MS 1
/* CPUs whose switches are timed; larger numbers in a file are ignored. */
#define LNR_SWITCH_CPUS_MAX 4096
/* One file of /proc at a time: status, cgroup and an environment fit. */
#define LNR_PROC_FILE_BYTES_MAX (256u << 10)
/* Unknown ancestors read along with a process that nobody saw start. */
#define LNR_PROC_PARENTS_MAX 16
/* Directories of a cgroup tree looked through for our own cgroup, in a cgroup namespace. */
#define LNR_CGROUP_DIRS_MAX 20000
/* Descriptors in one control message: SCM_MAX_FD of the kernel. */
#define LNR_SCM_FDS_MAX 253

/* --- config -----------------------------------------------------------------------------------*/

/* Text of one YAML file: rules files are below 1 MiB; a bound so that a mistaken path cannot fill
 * the memory. Offsets are 32 bits. */
#define LNR_YAML_BYTES (128u << 20)
/* Nesting. Rules need six levels, plugin configurations some more; readers recurse. */
#define LNR_YAML_DEPTH 128
/* Values of one file with every alias followed: ends alias bombs, and at about 60 bytes each
 * bounds the tree to 256 MiB. */
#define LNR_YAML_NODES 4000000u

/* --- loading rules ----------------------------------------------------------------------------*/

/* Trees and texts of everything one loader has compiled. A constant costs some 200 bytes, so a list
 * of a million entries fits in several conditions. */
#define LNR_RULES_MEM_BYTES (2u << 30)
/* Entries of all lists after the lists they name were put in: two lists of a thousand entries that
 * name a third a thousand times would be a billion. */
#define LNR_RULES_LIST_ITEMS 4000000u
/* Condition text looked through for list names in one compilation: passes times length. About a
 * second; published rules need 1 MB. */
#define LNR_RULES_SCAN_BYTES (2u << 30)
/* Exceptions of one rule (names are compared with each other), and its tags. */
#define LNR_RULES_EXCEPTIONS 5000u
#define LNR_RULES_TAGS	     1000u
/* Messages of one file: a person reads dozens; what is more is counted. */
#define LNR_RULES_ERRORS   1000u
#define LNR_RULES_WARNINGS 20000u
/* Messages of one file whose place inside a condition is looked up exactly, which makes its text
 * again. */
#define LNR_RULES_SPOTS 200u
/* Names compared for a did-you-mean in one file: about a second. */
#define LNR_RULES_HINTS 2000000u
/* Longest condition that is looked up so. */
#define LNR_RULES_SPOT_BYTES (1u << 20)
/* Condition text kept on either side of a reported position, for the snippet. */
#define LNR_RULES_SNIPPET 256u

/* --- configuration ----------------------------------------------------------------------------*/

/* A configuration file; the reference's own, with all its comments, has 60 KB. */
#define LNR_CONFIG_FILE_BYTES (4 << 20)
/* All trees of a configuration together; files are at most 4 MiB and few. */
#define LNR_CONFIG_ARENA_BYTES (128 << 20)
/* One path of keys ("plugins[3].init_config.x"). */
#define LNR_CONFIG_NAME_BYTES 512
/* Replacements of ${NAME} in one value: a variable that names itself must end. */
#define LNR_CONFIG_EXPANSIONS 1000
/* Shortest interval of metrics snapshots: the reference's (spec engine-config-cli 2.9). */
#define LNR_METRICS_MIN_MS 100

/* --- outputs ----------------------------------------------------------------------------------*/

/* How long the end of the program waits for a delivery that is stuck, after the queue is given up:
 * a program or a server that is merely slow finishes in that time. */
#define LNR_OUTPUT_LAST_MS 5000
/* Alerts that may wait for the spool when outputs_queue.capacity sets no limit: a disk that stands
 * still for seconds under a flood; some 30 MiB. */
#define LNR_SPOOL_QUEUE_MAX 16384
/* Alerts written, and flushed, at once. */
#define LNR_SPOOL_BATCH 64
/* The newest alerts of a spool, in memory. */
#define LNR_SPOOL_RECENT       1024
#define LNR_SPOOL_RECENT_BYTES (8u << 20)
/* A segment is the 64th part of a spool within these bounds: what is dropped at once is small, and
 * files are few. */
#define LNR_SPOOL_SEGMENT_BYTES_MIN (16u << 10)
#define LNR_SPOOL_SEGMENT_BYTES_MAX (16u << 20)
/* Segments of all priorities: the 64 of a full spool, one that is written for each priority, those
 * that ended early when the process did. Further files are left alone. */
#define LNR_SPOOL_SEGMENTS_MAX 1024
/* Largest alert in a spool, with its framing of keys and texts. */
#define LNR_SPOOL_ALERT_BYTES (LNR_ALERT_BYTES + (1 << 20))
/* Read at once: several ordinary alerts. */
#define LNR_SPOOL_READ_BYTES 4096u
/* Numbers of alerts stay below, so that adding to one cannot overflow. */
#define LNR_SPOOL_NUMBER_MAX (1ull << 62)
/* Readers of a spool: the outputs of a configuration and of the one that takes its place. */
#define LNR_SPOOL_READERS_MAX 32
/* Between flushes when a spool is flushed at intervals. */
#define LNR_SPOOL_FLUSH_MS 1000
/* A destination that fails is tried again after the first, twice the time after each further
 * failure, at most the second; a random quarter is taken off so that many nodes do not come at the
 * same time. What the destination itself asks for counts up to the third. */
#define LNR_RETRY_FIRST_MS 250
#define LNR_RETRY_MAX_MS   60000
#define LNR_RETRY_ASKED_MS 3600000

/* --- web server -------------------------------------------------------------------------------*/

/* Connections at a time, and seconds until one that says nothing is closed: scrapers and health
 * checks are few and quick, anything else is somebody else's problem. */
#define LNR_WEB_CONNECTIONS_MAX 256
#define LNR_WEB_TIMEOUT_S	10
#define LNR_WEB_THREADS_MAX	32
/* Requests that wait for a reload. */
#define LNR_WEB_WAITING_MAX 16
/* A certificate chain with its key. */
#define LNR_PEM_BYTES (1 << 20)
/* One snapshot or answer with all numbers; a rule takes about 200 bytes of it. */
#define LNR_METRICS_BYTES (64 << 20)
/* How long an answer waits for the thread that steps the engine, which comes by every 30 ms. */
#define LNR_METRICS_WAIT_S 1

/* --- engine and alerts ------------------------------------------------------------------------*/

/* A rules file; what 100 MB of rules would need is refused with a reason instead of being mapped.
 */
#define LNR_RULES_FILE_BYTES (256 << 20)
/* Static fields, appended outputs and formats of one rule collection. */
#define LNR_RULES_ARENA_BYTES (64 << 20)
/* Scratch memory of one event: joined command lines of all ancestors are the largest. */
#define LNR_SCRATCH_BYTES (64 << 20)
/* One alert with all its fields. */
#define LNR_ALERT_BYTES (16 << 20)
/* Different alerts whose repetitions are counted at a time; some 10 MiB. */
#define LNR_AGGREGATE_MAX 10000
/* Named counters of one engine: two for each of 1024 CPUs, three for each program of the probe, and
 * those of the state. */
#define LNR_ENGINE_COUNTERS 2560

/* --- rules ------------------------------------------------------------------------------------*/

/* Nesting of a condition text in productions, five to a parenthesis. The reference means to stop at
 * 1000 and does not; rules with 900 parentheses load there. A thousand parentheses keep the
 * recursion of parser, compiler and evaluator within half a MiB of stack. */
#define LNR_COND_DEPTH 5000
/* Levels of a condition tree once macros are in place, for the same reason. */
#define LNR_COND_TREE_DEPTH 2000
/* Nodes of a condition with every macro written out: macros that name each other twice grow like
 * 2^n, and each node costs time at every event. The largest published rule has about 400. */
#define LNR_COND_NODES (2u << 20)
/* Text of one condition after list substitution. Offsets are 32 bits. */
#define LNR_COND_BYTES (64u << 20)
/* Longest constant, as the reference: bytes of the text, or of what a hexadecimal text means. */
#define LNR_CONST_BYTES 255
/* Cells of one search automaton, 4 bytes each: about 16,000 different words. Beyond it each word is
 * searched for alone. */
#define LNR_NETWORK_CELLS (4u << 20)
/* Operands that are put in order of cost; sorting more would take longer than it saves. */
#define LNR_NETWORK_ORDERED 256
/* Longest field name without argument that is looked for in an output format. */
#define LNR_FIELD_NAME_BYTES 256
/* What can stand behind one '%' of a format, with all its arguments. */
#define LNR_FORMAT_TOKEN_BYTES 4096
/* Widest padding of a value: an alert line is not longer. */
#define LNR_FORMAT_WIDTH 65536
/* Steps of one regular expression match before the slower way is taken that cannot explode: about a
 * millisecond. */
#define LNR_REGEX_STEPS 50000
/* Memory of one match without machine code, in KiB. */
#define LNR_REGEX_HEAP_KIB 1024
/* States of the slower way at a time, in ints on the stack; a pattern has 255 bytes. */
#define LNR_REGEX_WORKSPACE 4096

/* --- fields -----------------------------------------------------------------------------------*/

/* Text of a list value in outputs: the reference's buffer without its NUL. */
#define LNR_LIST_TEXT_MAX 1023
/* Bytes of a buffer that evt.rawarg.NAME shows in outputs; the reference shows as many. */
#define LNR_RAWARG_BYTES_MAX 1021
/* Ancestors that an ancestor field looks at. Deeper process trees do not occur outside of attacks
 * on the walk itself; the nearest ones count. */
#define LNR_ANCESTORS_MAX 256
/* Ancestors searched for an environment variable (spec fields.md 4, proc.aenv[NAME]). */
#define LNR_ANCESTORS_ENV_MAX 20
/* Host names whose addresses are remembered for fd.*ip.name; rules name a handful. */
#define LNR_NAMES_MAX 256
/* Addresses kept per host name: large round-robin answers stay below. */
#define LNR_NAME_ADDRESSES_MAX 32
/* Steps of one search of container.mount[EXPRESSION] in one path: paths are short, a search that
 * needs more is built to waste time. */
#define LNR_MOUNT_MATCH_STEPS 100000

/* --- plugins ----------------------------------------------------------------------------------*/

/* One text that a plugin says about itself: field list, schema, names. The largest published field
 * list has 60 KiB. */
#define LNR_PLUGIN_TEXT_BYTES (4u << 20)
/* Everything copied from one plugin. */
#define LNR_PLUGIN_ARENA_BYTES (64u << 20)
/* Fields of one plugin; the largest published ones have about 150. */
#define LNR_PLUGIN_FIELDS_MAX 4096
/* Names in one list of a plugin: event sources, asynchronous events. */
#define LNR_PLUGIN_NAMES_MAX 1024
/* Name of an asynchronous event without NUL, as the reference. */
#define LNR_PLUGIN_EVENT_NAME_BYTES 31
/* Steps of one check of a configuration against a plugin's schema, so that a schema that refers to
 * itself ends. */
#define LNR_PLUGIN_SCHEMA_STEPS 100000
/* Nesting of the same. */
#define LNR_PLUGIN_SCHEMA_DEPTH 64
/* Plugins of one process. */
#define LNR_PLUGINS_MAX 64
/* A text as key of a state table: the longest is the id of a container, in a cgroup's name. */
#define LNR_PLUGIN_KEY_BYTES 256
/* Fields that plugins add to one kind of table; those published add two or three. */
#define LNR_PLUGIN_COLUMNS_MAX 64
/* One text that a plugin writes into a table. */
#define LNR_PLUGIN_VALUE_BYTES 65535
/* All values of added fields of one engine: about 250 bytes for each of as many threads as there
 * may be. */
#define LNR_PLUGIN_VALUES_BYTES (64u << 20)
/* Elements of a list (arguments, environment, cgroups) that a plugin may write into a thread. */
#define LNR_PLUGIN_LIST_MAX 4096
/* The same, all elements together. */
#define LNR_PLUGIN_LIST_BYTES (1u << 20)
/* Asynchronous events that wait for their turn, as the reference. */
#define LNR_ASYNC_EVENTS_MAX 4096
/* The same, all together: events of 64 KiB each would take 256 MiB. */
#define LNR_ASYNC_BYTES (64u << 20)
/* Routines of the plugins of one engine; one or two per plugin are usual. */
#define LNR_PLUGIN_ROUTINES_MAX 256
/* Threads that run them; they sleep most of the time. */
#define LNR_PLUGIN_ROUTINE_THREADS 4
/* Entries and sub-tables that one plugin holds at a time; a correct one holds a handful. */
#define LNR_PLUGIN_HELD_MAX 65536
/* Tables that plugins of one engine add. */
#define LNR_PLUGIN_TABLES_MAX 256
/* A message of an isolated plugin: the largest event and its values fit. */
#define LNR_PLUGIN_MESSAGE_BYTES (LNR_SCAP_EVENT_BYTES + (16u << 20))
/* Events that it sends at once: more than the usual batch of 128 events of k8s_audit, and they stay
 * in the caches of the two processors. */
#define LNR_PLUGIN_BATCH_BYTES (256u << 10)
/* Fields with their arguments that are asked of one isolated plugin; rules of the largest published
 * sets ask for less than 100. When there are more, asking is learnt anew. */
#define LNR_PLUGIN_ASKS_MAX 1024
/* What an isolated plugin may say about one field of one event. */
#define LNR_PLUGIN_VALUES_MAX 65536
/* How long a plugin may take to start, open and end its source; some ask the network meanwhile. */
#define LNR_PLUGIN_START_MS 30000
/* How long an isolated plugin may take for a field: events wait. */
#define LNR_PLUGIN_FIELD_MS 2000
/* Until an isolated plugin is started again after it ended; doubled each time, back to the first
 * when it has worked for longer than the last. */
#define LNR_PLUGIN_RESTART_MIN_MS 1000
#define LNR_PLUGIN_RESTART_MAX_MS 60000

/* --- probe -----------------------------------------------------------------------------------*/

/* Bytes of a module image in init_module: what the record leaves beside 4096 bytes of parameters.
 */
#define LNR_MODULE_IMAGE 61000
/* Bytes of a path, NUL included, that the kernel keeps per thread from the entry of a call to its
 * return: nearly all paths are shorter, and every thread that opens something has such a place. */
#define LNR_PASSED_BYTES 256

/* Flight recorder (capture.before): about 200,000 events of a busy machine. */
#define LNR_FLIGHT_BYTES (32 << 20)

/* --- listening --------------------------------------------------------------------------------*/

/* Connections that wait to be accepted: what may come in one burst while a loop is busy. */
#define LNR_NET_BACKLOG 128
/* Networks that may connect: the addresses of a large control plane one by one. */
#define LNR_NET_ALLOW_MAX 256
/* Certificates of one chain; four are many. */
#define LNR_TLS_CHAIN_MAX 8

/* --- webhook of the Kubernetes audit source ---------------------------------------------------*/

/* Connections at a time: a control plane has three to seven API servers with a few each. */
#define LNR_AUDIT_WEB_CONNECTIONS_MAX 256
/* Of one address (IPv6: one /64): all API servers may come from one node behind a service. */
#define LNR_AUDIT_WEB_PER_ADDRESS_MAX 64
/* A connection that has said nothing useful for so long makes room for a new one. */
#define LNR_AUDIT_WEB_SPARE_MS 2000
/* From the connection to the end of the first request's header, TLS handshake included. */
#define LNR_AUDIT_WEB_HEADER_S 10
/* From the end of the header until the answer is away; API servers give up after 30 s. */
#define LNR_AUDIT_WEB_BODY_S 30
/* Between two requests; API servers close after 90 s themselves, and must not meet us closing. */
#define LNR_AUDIT_WEB_IDLE_S 120
/* How often all connections are looked at for deadlines and for what was overlooked. */
#define LNR_AUDIT_WEB_LOOK_MS 500
/* Bodies that are being received, of all connections together: five of the largest by default. A
 * larger maximum of one body raises it to twice that. */
#define LNR_AUDIT_WEB_BODIES_BYTES (64u << 20)
/* Largest maximum of one body that may be asked for. */
#define LNR_AUDIT_WEB_BODY_BYTES_MAX (1u << 30)
/* Header of one request and window over its body. */
#define LNR_AUDIT_WEB_CONNECTION_BYTES (32u << 10)
/* First line of the token file; tokens of Kubernetes have up to some 1200 bytes. */
#define LNR_AUDIT_WEB_TOKEN_BYTES 4096
/* Requests under way when the source ends; the reference gives them 5 s in all. */
#define LNR_AUDIT_WEB_STOP_MS 4000
/* What the sender waits after 429 and 503: one batch of the engine's work. */
#define LNR_AUDIT_WEB_RETRY_S 1
/* One message about refusals of a kind in that time, with their number. */
#define LNR_AUDIT_WEB_LOG_S 10

#endif
