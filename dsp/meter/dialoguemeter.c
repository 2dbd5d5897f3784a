/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: `voice` gives the probability of speech in each step of 10 ms,
 * DMIX_VOICE_DELAY steps late; the powers of the steps wait for it in a ring.
 * Every tenth step completes a block of 400 ms, which is speech, pause or
 * neither. Behind a voice the detector takes the begin of loud music for speech, for up
 * to a second: a block that is louder than those before it has to be surer. And what
 * is louder than the speech of its block is another sound, which ends or begins there
 * (levelcontrol.c has the same rule): its energy is left out.
 *
 * Blocks of speech and pause make phrases (phrases.h), whose background is known.
 *
 * State
 *   power[], speech[]   rings of the latest steps: mean square, probability
 *                       of speech
 *   heard, settled      steps since the last interruption: with sound, and with
 *                       a probability
 *   spoken[]            ring of the powers of the latest steps with speech
 *   shortterm           their mean, renewed every ten steps
 *   band[]              ring of band powers, of the frame that ended last
 *   phrase[], waiting   phrases that wait to be read
 *   dialogue, speech_sum, mixed   totals of blocks; mixed: of those phrases
 *                       whose background is known
 *   before[]            ring of the powers of the latest blocks of speech, and
 *                       before_sum, their sum
 *   hold                steps that the flag stays set
 */
#include "meter/dialoguemeter.h"

#include "meter/kweight.h"
#include "meter/loudnesshistory.h"

#include <stdlib.h>
#include <string.h>

#define STEPS_PER_S DMIX_VOICE_STEPS_PER_S
#define BLOCK 40u /* steps */
#define BLOCK_STEP 10u
#define RING 80u       /* >= BLOCK + DMIX_VOICE_DELAY */
#define SHORTTERM 300u /* steps */
#define CERTAIN 0.5    /* probability from which a step counts as speech */
#define SPEECH 0.5     /* least part of a block */
#define SILENT 0.04    /* most speech in a block of a pause */
/* Speech of 10 voices and music 10 LU louder, 8 s each in turn: the dialogue loudness is
 * 3.0 LU too high; .8 with these, 1.1 with 4 or .95, .7 with .98 or 300. */
#define BEFORE 100u      /* blocks: 10 s */
#define LEAST_BEFORE 10u /* of them, for a comparison */
#define LOUD 3.0         /* times their mean */
#define SURE 0.97  /* least mean probability of the speech in a loud block */
#define PHRASES 4u /* that wait to be read */
#define LEAST_BLOCKS 10u /* of speech with known background */
/* Of speech in the mix, power: valid above -0.7 LU. Of 11 mixes at -5 LU .42 takes one
 * for louder than it is, by 2.9 LU; .46 none, and 3 of 11 at 0 LU are not valid. */
#define LEAST_RATIO 0.46
#define FLAG_ON 0.5
#define FLAG_OFF 0.3

typedef struct
{
  double sum;
  unsigned long long count;
} Total;

struct DmixDialogueMeter
{
  DmixVoice *voice;
  DmixLoudnessHistory *history;
  double power[RING], speech[RING], spoken[SHORTTERM];
  unsigned long long heard, settled, spoken_count;
  unsigned long long past; /* steps before the last interruption */
  DmixSpeechBands *bands;  /* NULL: the rate is too low */
  double band[RING][DMIX_SPEECHBANDS];
  DmixPhrases phrases;
  DmixPhrase phrase[PHRASES];
  unsigned waiting;
  Total dialogue, speech_sum, mixed, share;
  double shortterm; /* mean square */
  double before[BEFORE], before_sum;
  unsigned long long before_count;
  unsigned hold;
  double gate;
};

DmixDialogueMeter *
dmix_dialoguemeter_new (const DmixFormat *format, const DmixVoicePlace *place)
{
  DmixDialogueMeter *self = calloc (1, sizeof *self);

  if (!self)
    return NULL;
  self->voice = dmix_voice_new (format, place);
  self->history = dmix_loudnesshistory_new ();
  if (format->rate_hz >= DMIX_SPEECHBANDS_MIN_RATE_HZ)
    self->bands = dmix_speechbands_new (format->rate_hz);
  if (!self->voice || !self->history
      || (!self->bands && format->rate_hz >= DMIX_SPEECHBANDS_MIN_RATE_HZ)) {
    dmix_dialoguemeter_free (self);
    return NULL;
  }
  self->gate = dmix_kweight_mean_square (-70.0);
  dmix_dialoguemeter_reset (self);
  return self;
}

void
dmix_dialoguemeter_free (DmixDialogueMeter *self)
{
  if (!self)
    return;
  dmix_voice_free (self->voice);
  dmix_speechbands_free (self->bands);
  dmix_loudnesshistory_free (self->history);
  free (self);
}

void
dmix_dialoguemeter_set_detector (DmixDialogueMeter *self,
    DmixVoiceDetector detector)
{
  dmix_voice_set_detector (self->voice, detector);
}

static void
empty_windows (DmixDialogueMeter *self)
{
  dmix_voice_reset (self->voice);
  memset (self->power, 0, sizeof self->power);
  memset (self->speech, 0, sizeof self->speech);
  memset (self->spoken, 0, sizeof self->spoken);
  memset (self->band, 0, sizeof self->band);
  if (self->bands)
    dmix_speechbands_reset (self->bands);
  self->past += self->heard;
  self->heard = self->settled = self->spoken_count = 0;
  memset (self->before, 0, sizeof self->before);
  self->before_sum = 0.0;
  self->before_count = 0;
  dmix_phrases_reset (&self->phrases);
  self->hold = 0;
}

void
dmix_dialoguemeter_reset (DmixDialogueMeter *self)
{
  empty_windows (self);
  self->past = 0;
  self->waiting = 0;
  dmix_loudnesshistory_reset (self->history);
  self->dialogue = self->speech_sum = self->mixed = self->share = (Total){ 0 };
  self->shortterm = 0.0;
}

/*** phrases ***/

static void
add_to (Total *total, double sum, unsigned long long count)
{
  total->sum += sum;
  total->count += count;
}

/* A phrase has ended whose background is known. */
static void
take_phrase (DmixDialogueMeter *self, const DmixPhrase *phrase)
{
  const double n = (double) phrase->blocks;

  add_to (&self->mixed, phrase->mixed, phrase->blocks);
  add_to (&self->speech_sum, phrase->mixed - n * phrase->background,
      phrase->blocks);
  if (self->waiting < PHRASES) {
    DmixPhrase *waiting = &self->phrase[self->waiting++];

    *waiting = *phrase;
    waiting->age = self->past + self->heard - phrase->end;
  }
}

/*** blocks ***/

static double
mean_of (const double *x, unsigned count)
{
  double sum = 0.0;

  for (unsigned i = 0; i < count; i++)
    sum += x[i];
  return count > 0 ? sum / count : 0.0;
}

/* Adds a step of speech. */
static void
add_spoken (DmixDialogueMeter *self, double power)
{
  self->spoken[self->spoken_count % SHORTTERM] = power;
  self->spoken_count++;
  if (self->spoken_count % BLOCK_STEP != 0)
    return;
  self->shortterm = mean_of (self->spoken,
      self->spoken_count < SHORTTERM ? (unsigned) self->spoken_count
                                     : SHORTTERM);
  if (self->spoken_count >= SHORTTERM)
    dmix_loudnesshistory_add_shortterm (self->history, self->shortterm);
}

/* What a block has, and the steps of its speech. */
typedef struct
{
  DmixPhraseBlock block;
  unsigned long long first, end;
  unsigned spoken;           /* steps */
  double power, probability; /* sums over them */
} Heard;

/* The latest block of settled steps. */
static Heard
hear_block (const DmixDialogueMeter *self)
{
  Heard h = { .spoken = 0 };

  for (unsigned i = 1; i <= BLOCK; i++) {
    const unsigned at = (unsigned) ((self->settled - i) % RING);

    h.block.power += self->power[at] / BLOCK;
    for (int b = 0; b < DMIX_SPEECHBANDS; b++)
      h.block.band[b] += self->band[at][b] / BLOCK;
    if (self->speech[at] < CERTAIN)
      continue;
    h.first = self->past + self->settled - i;
    h.end = h.end > 0 ? h.end : h.first + 1;
    h.spoken++;
    h.power += self->power[at];
    h.probability += self->speech[at];
  }
  return h;
}

/* The power of the block's speech. */
static double
power_of_speech (const Heard *h)
{
  const double others = h->block.power * BLOCK - h->power;

  return others * h->spoken > h->power * (BLOCK - h->spoken)
      ? h->power / h->spoken
      : h->block.power;
}

/* FALSE for a block that is loud, but not surely speech. */
static int
is_sure (const DmixDialogueMeter *self, const Heard *h, double power)
{
  const double count =
      (double) (self->before_count < BEFORE ? self->before_count : BEFORE);

  return count < LEAST_BEFORE || power * count <= LOUD * self->before_sum
      || h->probability >= SURE * h->spoken;
}

/* Adds to the blocks before. The sum is exact again once a round. */
static void
remember (DmixDialogueMeter *self, double power)
{
  const unsigned at = (unsigned) (self->before_count % BEFORE);

  self->before_sum += power - self->before[at];
  self->before[at] = power;
  self->before_count++;
  if (at == BEFORE - 1)
    self->before_sum = mean_of (self->before, BEFORE) * BEFORE;
}

/* Judges the block that ends with the latest settled step. */
static void
judge_block (DmixDialogueMeter *self)
{
  Heard h = hear_block (self);
  DmixPhrase done;
  int ended = 0;

  if (h.spoken >= SPEECH * BLOCK) {
    const double power = power_of_speech (&h);

    if (!is_sure (self, &h, power))
      return;
    remember (self, power);
    ended = dmix_phrases_add_speech (&self->phrases, &h.block, h.first, h.end,
        &done);
    if (power > self->gate)
      add_to (&self->dialogue, power, 1);
  } else if (h.spoken <= SILENT * BLOCK)
    ended = dmix_phrases_add_pause (&self->phrases, &h.block, &done);
  if (ended)
    take_phrase (self, &done);
}

/* Adds the probability of the next step that waits for one. */
static void
settle (DmixDialogueMeter *self, double probability)
{
  const double speech = probability >= CERTAIN ? 1.0 : 0.0;

  self->speech[self->settled % RING] = probability;
  add_to (&self->share, speech, 1);
  if (speech > 0.0)
    add_spoken (self, self->power[self->settled % RING]);
  self->settled++;
  if (self->settled % BLOCK_STEP == 0 && self->settled >= BLOCK)
    judge_block (self);
}

/*** steps ***/

void
dmix_dialoguemeter_add (DmixDialogueMeter *self, const float *in, size_t frames)
{
  dmix_voice_add (self->voice, in, frames);
}

static void
set_flag (DmixDialogueMeter *self)
{
  const double latest = dmix_voice_get_latest (self->voice);

  if (latest >= FLAG_ON || (self->hold > 0 && latest >= FLAG_OFF))
    self->hold = DMIX_DIALOGUEMETER_HOLD;
  else
    self->hold -= self->hold > 0;
}

/* The bands of the latest frame of 43 ms. */
static void
measure_bands (DmixDialogueMeter *self)
{
  const double *before = self->band[(self->heard + RING - 1) % RING];
  double *now = self->band[self->heard % RING];
  const DmixSpeechBandsFrame *frame = NULL;
  size_t frames;
  const float *mid = dmix_voice_get_mid (self->voice, &frames);

  memcpy (now, before, sizeof self->band[0]);
  while (self->bands && frames > 0) {
    const size_t done =
        dmix_speechbands_process (self->bands, mid, NULL, frames, &frame);

    mid += done;
    frames -= done;
    if (frame)
      memcpy (now, frame->dialogue, sizeof frame->dialogue);
  }
}

void
dmix_dialoguemeter_step (DmixDialogueMeter *self, double mean_square)
{
  dmix_voice_step (self->voice);
  measure_bands (self);
  self->power[self->heard % RING] = mean_square;
  self->heard++;
  if (self->heard > DMIX_VOICE_DELAY)
    settle (self, dmix_voice_get_settled (self->voice));
  set_flag (self);
}

void
dmix_dialoguemeter_finish (DmixDialogueMeter *self)
{
  const unsigned long long heard = self->heard;
  DmixPhrase done;

  for (unsigned i = 0; i < DMIX_VOICE_DELAY && heard > 0; i++) {
    dmix_voice_step (self->voice);
    if (heard + i >= DMIX_VOICE_DELAY)
      settle (self, dmix_voice_get_settled (self->voice));
  }
  if (dmix_phrases_finish (&self->phrases, &done))
    take_phrase (self, &done);
  empty_windows (self);
}

int
dmix_dialoguemeter_read_phrase (DmixDialogueMeter *self, DmixPhrase *phrase)
{
  if (self->waiting == 0)
    return 0;
  *phrase = self->phrase[0];
  self->waiting--;
  memmove (self->phrase, self->phrase + 1,
      self->waiting * sizeof *self->phrase);
  return 1;
}

void
dmix_dialoguemeter_take_over (DmixDialogueMeter *self, DmixDialogueMeter *from)
{
  dmix_dialoguemeter_finish (from);
  dmix_loudnesshistory_merge (self->history, from->history);
  add_to (&self->dialogue, from->dialogue.sum, from->dialogue.count);
  add_to (&self->speech_sum, from->speech_sum.sum, from->speech_sum.count);
  add_to (&self->mixed, from->mixed.sum, from->mixed.count);
  add_to (&self->share, from->share.sum, from->share.count);
}

/*** readings ***/

static double
mean_lufs (const Total *total)
{
  if (total->count == 0)
    return DMIX_KWEIGHT_SILENCE_LUFS;
  return dmix_kweight_lufs (total->sum / (double) total->count);
}

void
dmix_dialoguemeter_read (DmixDialogueMeter *self, DmixDialogueReading *reading)
{
  *reading = (DmixDialogueReading){
    .dialogue_lufs = mean_lufs (&self->dialogue),
    .shortterm_lufs = dmix_kweight_lufs (self->shortterm),
    .range_lu = dmix_loudnesshistory_get_range (self->history),
    .share = self->share.count > 0
        ? self->share.sum / (double) self->share.count
        : 0.0,
    .speech_lufs = mean_lufs (&self->speech_sum),
    .speech_is_valid = self->mixed.count >= LEAST_BLOCKS
        && self->speech_sum.sum >= LEAST_RATIO * self->mixed.sum,
    .probability = dmix_voice_get_latest (self->voice),
  };
}

int
dmix_dialoguemeter_get_speech (const DmixDialogueMeter *self,
    double *probability)
{
  *probability = dmix_voice_get_latest (self->voice);
  return self->hold > 0;
}
