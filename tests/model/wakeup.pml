/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * How records wake the reader of the ring buffer: record_send() and ring_bell() in bpf/emit.bpf.h, Tracer::run() and
 * Session::announce() in src/. Looks for a state in which the reader sleeps, nobody will ring, and a record that it has
 * not taken lies in the ring. An idle reader of the model sleeps without an end, where the real one looks once a second.
 *
 * Each store to shared memory waits in its processor's store buffer, of one place here, until that is emptied: by itself
 * at any time, or by a full barrier. So a missing barrier is an error that is found.
 *
 * Each of these takes one part of the protocol away, and spin must then find an error: -DASKS_FIRST (a producer looks at
 * the reader before its record is in the ring), -DRINGS_EARLY (before it is committed), -DLOOKS_ONCE (the reader does not
 * look again after its announcement), -DNO_BARRIER (nor waits until that can be seen), -DEMPTIES_BELL_LATE (after the
 * announcement: there may be a record that is not committed yet before the one that was rung for).
 */
#define PRODUCERS 2
#define RECORDS 2 /* of each producer */
#define ALL (PRODUCERS * RECORDS)
#define FILL 2 /* so many records wake a napping reader */

mtype = { busy, idle, napping };

/* what is in memory */
mtype reader = busy;
byte reserved = 0; /* records, in order */
bool committed[ALL];
byte bells = 0; /* rung and not emptied */
bool woken = false; /* epoll has something for the reader */

/* the reader's own */
byte taken = 0;
bool any;
mtype announced = busy;
bool is_stored = true; /* what is announced has left the store buffer */

inline full_barrier() {
#ifndef NO_BARRIER
	is_stored;
#else
	skip;
#endif
}

/* What has been rung for before will be seen. */
inline announce(state) {
#ifndef EMPTIES_BELL_LATE
	bells = 0;
#endif
	is_stored; /* one place: what was announced before goes first */
	d_step { announced = state; is_stored = false }
}

/* All records up to one that is not committed. */
inline consume() {
	any = false;
	do
	:: taken < reserved && committed[taken] -> d_step { taken++; any = true }
	:: else -> break
	od
}

/* epoll_wait(): a ring sets `woken`, which counts if the bell is not empty by then. */
inline sleep() {
	do
	:: woken ->
		woken = false;
		if
		:: bells > 0 -> break
		:: else
		fi
	od
}

/* The store buffer of the reader's processor. */
active proctype StoreBuffer() {
	do
	:: !is_stored -> d_step { reader = announced; is_stored = true }
	od
}

active proctype Reader() {
	bool is_idle;

	do
	:: consume();
	   is_idle = !any;
	   if
	   :: is_idle -> announce(idle)
	   :: else -> announce(napping)
	   fi;
	   full_barrier();
#ifdef EMPTIES_BELL_LATE
	   bells = 0;
#endif
#ifndef LOOKS_ONCE
	   if
	   :: is_idle -> consume(); is_idle = !any
	   :: else
	   fi;
#endif
	   if
	   :: is_idle ->
		sleep()
	   :: else -> /* a nap ends by itself */
		if
		:: woken -> woken = false
		:: skip
		fi
	   fi;
	   announce(busy)
	od
}

/* One of several that find the reader asleep rings. */
inline wake() {
	if
	:: seen == busy
	:: seen == napping && reserved - taken < FILL
	:: else ->
		atomic { before = reader; reader = busy }; /* on a cache line that no store buffer holds back */
		if
		:: before == busy
		:: else -> atomic { bells++; woken = true; assert(bells <= PRODUCERS + 1) }
		fi
	fi
}

active [PRODUCERS] proctype Producer() {
	byte record, sent = 0;
	mtype seen, before;

	do
	:: sent == RECORDS -> break
	:: else ->
#ifdef ASKS_FIRST
		seen = reader;
		wake();
#endif
		atomic { record = reserved; reserved++ };
#ifdef RINGS_EARLY
		seen = reader;
		wake();
#endif
		committed[record] = true; /* with a full barrier */
#if !defined(ASKS_FIRST) && !defined(RINGS_EARLY)
		seen = reader;
		wake();
#endif
		sent++
	od
}

/* When nothing can go on any more, everything has been taken. */
active proctype End() {
	timeout -> assert(taken == ALL)
}
