/* Two-phase commit as in examples/two_phase_commit/model.rs: the same states, counted by Spin.
 * One process, every step of which is indivisible; -DN=7 gives seven resource managers. */

#ifndef N
#define N 3
#endif

#define WORKING 0
#define PREPARED 1
#define COMMITTED 2
#define ABORTED 3

#define EVERYONE ((1 << N) - 1)

unsigned phase0 : 2; unsigned phase1 : 2; unsigned phase2 : 2; unsigned phase3 : 2;
unsigned phase4 : 2; unsigned phase5 : 2; unsigned phase6 : 2; unsigned phase7 : 2;
unsigned phase8 : 2; unsigned phase9 : 2;
/* 0 undecided, 1 committed, 2 aborted */
unsigned decision : 2;
unsigned known : 10;
unsigned sent : 10;
bit commit, abort_;

#define MANAGER(i, phase) \
    :: d_step { decision == 0 && ((sent >> i) & 1) -> known = known | (1 << i) } \
    :: d_step { phase == WORKING -> phase = PREPARED; sent = sent | (1 << i) } \
    :: d_step { phase == WORKING -> phase = ABORTED } \
    :: d_step { commit -> phase = COMMITTED } \
    :: d_step { abort_ -> phase = ABORTED }

active proctype everybody() {
    do
    :: d_step { decision == 0 && known == EVERYONE -> decision = 1; commit = 1 }
    :: d_step { decision == 0 -> decision = 2; abort_ = 1 }
    MANAGER(0, phase0)
#if N > 1
    MANAGER(1, phase1)
#endif
#if N > 2
    MANAGER(2, phase2)
#endif
#if N > 3
    MANAGER(3, phase3)
#endif
#if N > 4
    MANAGER(4, phase4)
#endif
#if N > 5
    MANAGER(5, phase5)
#endif
#if N > 6
    MANAGER(6, phase6)
#endif
#if N > 7
    MANAGER(7, phase7)
#endif
#if N > 8
    MANAGER(8, phase8)
#endif
#if N > 9
    MANAGER(9, phase9)
#endif
    od
}
