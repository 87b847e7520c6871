/* SPDX-License-Identifier: MIT OR GPL-2.0-only
 *
 * What a test asks of rules_probe.bpf.c. Shared by both sides.
 */
#ifndef AA_RULES_PROBE_H
#define AA_RULES_PROBE_H

#define AA_PROBE_RECORD 16384 /* bytes of a record, at most */
#define AA_PROBES 128         /* records in one run */
#define AA_PROBE_ROUNDS 20000 /* looks at a record of which the time is taken */

struct aa_probe {
  char record[AA_PROBE_RECORD];
  unsigned int allowed; /* out */
};

#endif
