/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What align.h says of gaps, silence and speed, one price of alignpass.c after
 * the other.
 *
 * The sounds have features of one size in all dimensions, with the signs of a
 * Walsh function. So distances are known: from a pause, size s has s (up to 1)
 * or sqrt (2 s - 1); two sounds of size s < 0.5 have sqrt (2) s. A pair of
 * frames costs twice its distance. Each comment sums up both ways that the path
 * could go; the one that is right is cheaper by 7 % at least, so that a
 * price may be tuned, but neither fall to 0 nor grow to many times its value. */
#include "signals.h"

#include "adr/alignpass.h"

#define MOST 400 /* frames */
#define LOUD 6.0f

/* A pause is a piece of size 0. */
typedef struct
{
  unsigned sound; /* number of its Walsh function, below 64 */
  float size;
  size_t frames;
} Piece;

typedef struct
{
  DmixSpeech speech;
  float feature[DMIX_SPEECH_DIMENSIONS * MOST], level_db[MOST];
} Signal;

typedef struct
{
  Signal guide, take;
  DmixAlignPass pass;
  const DmixAlignStep *path;
  size_t steps;
  size_t waits[3]; /* steps of each DmixAlignKind */
} Pair;

static float
walsh (unsigned number, unsigned at)
{
  return __builtin_popcount (number & at) & 1 ? -1.0f : 1.0f;
}

static void
make_signal (Signal *signal, const Piece *piece)
{
  size_t at = 0;

  for (; piece->frames; piece++)
    for (size_t k = 0; k < piece->frames; k++, at++) {
      g_assert_cmpuint (at, <, MOST);
      signal->level_db[at] = piece->size > 0.0f ? LOUD : 0.0f;
      for (unsigned d = 0; d < DMIX_SPEECH_DIMENSIONS; d++)
        signal->feature[d * MOST + at] = piece->size * walsh (piece->sound, d);
    }
  signal->speech = (DmixSpeech){
    .frames = at,
    .stride = MOST,
    .feature = signal->feature,
    .level_db = signal->level_db,
  };
}

/* Aligns guide and take, pieces that end with one of 0 frames, in all of their
 * reach. */
static Pair *
align (const Piece *guide, const Piece *take, int open_end, int search)
{
  const DmixAlignPassParams how = {
    .scale = 1.0,
    .open_end = open_end,
    .search = search,
  };
  Pair *p = g_new0 (Pair, 1);

  make_signal (&p->guide, guide);
  make_signal (&p->take, take);
  g_assert_true (dmix_alignpass_init (&p->pass, p->guide.speech.frames,
      p->take.speech.frames, MOST * MOST));
  for (size_t i = 0; i < p->guide.speech.frames; i++)
    p->pass.high[i] = (long) p->take.speech.frames - 1;
  p->path = dmix_alignpass_run (&p->pass, &p->guide.speech, &p->take.speech,
      &how, &p->steps);
  g_assert_nonnull (p->path);
  for (size_t k = 0; k < p->steps; k++)
    p->waits[p->path[k].kind]++;
  return p;
}

static void
pair_free (Pair *p)
{
  dmix_alignpass_free (&p->pass);
  g_free (p);
}

/* The take frame that belongs to a guide frame, -1000 if none does. */
static int
place (const Pair *p, int guide)
{
  for (size_t k = 0; k < p->steps; k++)
    if (p->path[k].guide >= guide && p->path[k].kind == DMIX_ALIGN_MATCH)
      return p->path[k].guide == guide ? p->path[k].take : -1000;
  return -1000;
}

/* A pause longer by d frames of silence: d steps of another speed cost 0.3 each,
 * a gap 3 + 0.02 d. Equal at d = 10.7: 40 ms are stretched, 70 ms are waited for. */
static void
test_open (void)
{
  for (int side = 0; side < 2; side++)
    for (int more = 8; more <= 14; more += 6) {
      const Piece shorter[] = { { 1, 1, 20 }, { 0, 0, 40 }, { 2, 1, 20 },
        { 0 } };
      const Piece longer[] = { { 1, 1, 20 }, { 0, 0, 40 + (size_t) more },
        { 2, 1, 20 }, { 0 } };
      Pair *p =
          side ? align (shorter, longer, 0, 0) : align (longer, shorter, 0, 0);
      const size_t waits =
          p->waits[side ? DMIX_ALIGN_TAKE_ONLY : DMIX_ALIGN_GUIDE_ONLY];

      g_assert_cmpuint (waits, ==, more == 8 ? 0 : 14);
      g_assert_cmpuint (p->steps - p->waits[DMIX_ALIGN_MATCH], ==, waits);
      pair_free (p);
    }
}

/* A pause of 0.3 s where the other side speaks on without one: it waits there, for
 * 3 + 6 + 0.02 * 60 = 10. */
static void
test_no_pause (void)
{
  const Piece with[] = { { 1, 1, 40 }, { 0, 0, 60 }, { 2, 1, 40 }, { 0 } };
  const Piece without[] = { { 1, 1, 40 }, { 2, 1, 40 }, { 0 } };

  for (int side = 0; side < 2; side++) {
    Pair *p = side ? align (without, with, 0, 0) : align (with, without, 0, 0);

    g_assert_cmpuint (p->waits[side ? DMIX_ALIGN_TAKE_ONLY
                                    : DMIX_ALIGN_GUIDE_ONLY],
        ==, 60);
    g_assert_cmpint (place (p, 39), ==, 39);
    g_assert_cmpint (place (p, side ? 40 : 100), ==, side ? 100 : 40);
    pair_free (p);
  }
}

/* 50 ms of silence in the middle of a sound of size 0.4, which goes on in the
 * take: to match them costs 10 * 2 * 0.4 = 8. A gap would cost 3 + 0.2, and 10 *
 * 0.3 for the take's 50 ms, which then have to go elsewhere; that the take speaks
 * where it would wait costs 6 more. */
static void
test_stop_in_sound (void)
{
  const Piece guide[] = { { 1, 0.4f, 40 }, { 0, 0, 10 }, { 1, 0.4f, 40 },
    { 0 } };
  const Piece take[] = { { 1, 0.4f, 90 }, { 0 } };

  for (int side = 0; side < 2; side++) {
    Pair *p = side ? align (take, guide, 0, 0) : align (guide, take, 0, 0);

    g_assert_cmpuint (p->waits[DMIX_ALIGN_MATCH], ==, p->steps);
    pair_free (p);
  }
}

/* A word that sounds otherwise, at a distance of 0.57: 20 * 2 * 0.57 = 23. To leave
 * it out on both sides would cost 2 * (3 + 20 * 2.02) in the middle, and 20 * (1.52
 * + 0.42) at the end. */
static void
test_other_word (void)
{
  for (int end = 0; end < 2; end++) {
    const size_t rest = end ? 0 : 40;
    const Piece guide[] = { { 1, 1, 40 }, { 0, 0, 20 }, { 2, 0.4f, 20 },
      { 0, 0, rest }, { 3, 1, 40 }, { 0 } };
    const Piece take[] = { { 1, 1, 40 }, { 0, 0, 20 }, { 4, 0.4f, 20 },
      { 0, 0, rest }, { 3, 1, 40 }, { 0 } };
    Pair *p = align (guide, take, 0, 0);

    g_assert_cmpuint (p->waits[DMIX_ALIGN_MATCH], ==, p->steps);
    g_assert_cmpint (p->path[p->steps - 1].take, ==, end ? 79 : 159);
    for (int i = 0; i < (end ? 80 : 160); i++)
      g_assert_cmpint (place (p, i), ==, i);
    pair_free (p);
  }
}

/* A word more in the take, of size 2, in the middle: 3 + 40 * 0.02 + 20 * 2.02 = 44.
 * Beside the guide's pause it would cost 10 * 3 * 1.73 = 52 and the speed. At the
 * start it is left out for 20 * 1.52. */
static void
test_word_more (void)
{
  const Piece guide[] = { { 1, 1, 40 }, { 0, 0, 40 }, { 2, 1, 40 }, { 0 } };
  const Piece middle[] = { { 1, 1, 40 }, { 0, 0, 40 }, { 3, 2, 20 },
    { 0, 0, 40 }, { 2, 1, 40 }, { 0 } };
  const Piece early[] = { { 3, 2, 20 }, { 0, 0, 40 }, { 1, 1, 40 },
    { 0, 0, 40 }, { 2, 1, 40 }, { 0 } };
  Pair *p = align (guide, middle, 0, 0);

  g_assert_cmpuint (p->waits[DMIX_ALIGN_TAKE_ONLY], ==, 60);
  g_assert_cmpint (place (p, 39), ==, 39);
  g_assert_cmpint (place (p, 80), ==, 140);
  pair_free (p);
  p = align (guide, early, 0, 0);
  g_assert_cmpuint (p->waits[DMIX_ALIGN_MATCH], ==, p->steps);
  g_assert_cmpint (p->path[0].take, ==, 60);
  pair_free (p);
}

/* Noise as loud as speech, of size 0.5, for 0.6 s of the guide; the take has a
 * pause of 0.1 s. A frame beside the silent take costs 0.2 + 0.5, all of it and the
 * take's pause 6 + 120 * 0.7 + 0.4 = 90. As speech it would cost 120 * 2.02; to
 * leave out the noise and the last word 120 * 0.52 + 30 * (1.02 + 1.52) = 139. */
static void
test_noisy_pause (void)
{
  const Piece guide[] = { { 1, 1, 40 }, { 5, 0.5f, 120 }, { 2, 1, 30 }, { 0 } };
  const Piece take[] = { { 1, 1, 40 }, { 0, 0, 20 }, { 2, 1, 30 }, { 0 } };
  Pair *p = align (guide, take, 0, 0);

  g_assert_cmpuint (p->waits[DMIX_ALIGN_GUIDE_ONLY], >=, 100);
  g_assert_cmpint (place (p, 39), ==, 39);
  g_assert_cmpint (place (p, 160), ==, 60);
  pair_free (p);
}

/* The same noise, as long as the take's pause: n frames cost 2 * 0.5 n together, 3 +
 * 9 + (0.2 + 0.5 + 0.02) n apart. Equal at n = 43: 0.17 s stay together, 0.3 s are a
 * pause. Where the scene goes on, and the noise may hide words that are due, 0.8
 * stands for 0.5, and they never part. */
static void
test_short_noise (void)
{
  for (int open_end = 0; open_end < 2; open_end++)
    for (int lasting = 0; lasting < 2; lasting++) {
      const size_t n = lasting ? 60 : 34;
      const Piece guide[] = { { 1, 1, 40 }, { 5, 0.5f, n }, { 2, 1, 40 },
        { 0 } };
      const Piece take[] = { { 1, 1, 40 }, { 0, 0, n }, { 2, 1, 40 }, { 0 } };
      Pair *p = align (guide, take, open_end, 0);
      const size_t waits = p->waits[DMIX_ALIGN_GUIDE_ONLY];

      if (lasting && !open_end)
        g_assert_cmpuint (waits, >=, n - 2);
      else
        g_assert_cmpuint (waits, ==, 0);
      pair_free (p);
    }
}

/* Noise of size 0.3 behind the guide's last word; the take ends with that word.
 * Left out, it costs 100 * 0.32. At 1.52, as speech, it would be cheaper to pass the
 * word and most of the noise beside the take's pause (3 + 20 * 1.2 + 80 * 0.5) and
 * match the word with the rest of the noise (20 * 2 * 0.9). */
static void
test_noise_behind (void)
{
  const Piece guide[] = { { 1, 1, 40 }, { 0, 0, 20 }, { 2, 1, 20 },
    { 5, 0.3f, 100 }, { 0 } };
  const Piece take[] = { { 1, 1, 40 }, { 0, 0, 20 }, { 2, 1, 20 }, { 0 } };
  Pair *p = align (guide, take, 0, 0);

  g_assert_cmpint (place (p, 60), ==, 60);
  g_assert_cmpint (p->path[p->steps - 1].guide, ==, 79);
  pair_free (p);
}

/* Twice as fast for 50 ms: 10 * 0.3 + 9 * 0.5 = 7.5, less than any gap in speech. */
static void
test_fast (void)
{
  const Piece slow[] = { { 1, 1, 40 }, { 2, 1, 20 }, { 3, 1, 40 }, { 0 } };
  const Piece fast[] = { { 1, 1, 40 }, { 2, 1, 10 }, { 3, 1, 40 }, { 0 } };

  for (int side = 0; side < 2; side++) {
    Pair *p = side ? align (fast, slow, 0, 0) : align (slow, fast, 0, 0);

    g_assert_cmpuint (p->waits[DMIX_ALIGN_MATCH], ==, p->steps);
    g_assert_cmpint (place (p, 39), ==, 39);
    g_assert_cmpint (place (p, side ? 50 : 60), ==, side ? 60 : 50);
    pair_free (p);
  }
}

/* A word of 0.2 s of size 1 whose tail, of the same length and size 0.65, has no
 * counterpart in the take. Tail beside the pause, and the take's pause then: 3 + 40 *
 * 0.85 + 3 + 40 * 0.02 = 41. Twice as fast, the take's word would pass for both: 20 *
 * 3 * 0.35 for the tail, 40 * 0.3 for the speed, 3.8 for the pause: 37; that the
 * speed lasts costs 39 * 0.5 more. Half as fast again, for half of the tail, is 20 *
 * 2 * 0.35 + 3 + 20 * 0.85 + 20 * 0.3 + 3.8 = 44. */
static void
test_tail (void)
{
  const Piece guide[] = { { 1, 1, 40 }, { 1, 0.65f, 40 }, { 0, 0, 60 },
    { 2, 1, 40 }, { 0 } };
  const Piece take[] = { { 1, 1, 40 }, { 0, 0, 100 }, { 2, 1, 40 }, { 0 } };
  Pair *p = align (guide, take, 0, 0);

  g_assert_cmpint (place (p, 39), >=, 37);
  g_assert_cmpint (place (p, 140), ==, 140);
  pair_free (p);
}

/* In a search, other words in a pause of the guide cost 0.12 a frame. A retake that
 * is nearer to the guide by 20 * 2 * 0.125 = 5 costs 3 + 20 * 0.12 + 30 * 0.02 = 6:
 * the first one counts. One that is nearer by 10 is taken. */
static void
test_retake (void)
{
  const float off[2] = { 1.125f, 1.25f };

  for (int k = 0; k < 2; k++) {
    const Piece guide[] = { { 1, 1, 40 }, { 0, 0, 30 }, { 2, 1, 20 }, { 0 } };
    const Piece take[] = { { 1, 1, 40 }, { 0, 0, 30 }, { 2, off[k], 20 },
      { 0, 0, 30 }, { 2, 1, 20 }, { 0 } };
    Pair *p = align (guide, take, 0, 1);

    g_assert_cmpint (place (p, 80), ==, k ? 130 : 80);
    pair_free (p);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/alignprice/open", test_open);
  g_test_add_func ("/alignprice/no-pause", test_no_pause);
  g_test_add_func ("/alignprice/stop-in-sound", test_stop_in_sound);
  g_test_add_func ("/alignprice/other-word", test_other_word);
  g_test_add_func ("/alignprice/word-more", test_word_more);
  g_test_add_func ("/alignprice/noisy-pause", test_noisy_pause);
  g_test_add_func ("/alignprice/short-noise", test_short_noise);
  g_test_add_func ("/alignprice/noise-behind", test_noise_behind);
  g_test_add_func ("/alignprice/fast", test_fast);
  g_test_add_func ("/alignprice/tail", test_tail);
  g_test_add_func ("/alignprice/retake", test_retake);
  return g_test_run ();
}
