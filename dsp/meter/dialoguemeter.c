/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: `voice` gives the probability of speech in each step of 10 ms,
 * DMIX_VOICE_DELAY steps late; the powers of the steps wait for it in a ring.
 * Every tenth step completes a block of 400 ms, which is speech, pause or
 * neither.
 *
 * Blocks of speech and pause make phrases (phrases.h), whose background is known.
 *
 * State
 *   power[], speech[]   rings of the latest steps: mean square, 1 for
 *                       speech
 *   heard, settled      steps since the last interruption: with sound, and with
 *                       a probability
 *   spoken[]            ring of the powers of the latest steps with speech
 *   shortterm           their mean, renewed every ten steps
 *   band[]              ring of band powers, of the frame that ended last
 *   phrase[], waiting   phrases that wait to be read
 *   dialogue, speech_sum, mixed   totals of blocks; mixed: of those phrases
 *                       whose background is known
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
#define RING 80u         /* >= BLOCK + DMIX_VOICE_DELAY */
#define SHORTTERM 300u   /* steps */
#define CERTAIN 0.5      /* probability from which a step counts as speech */
#define SPEECH 0.5       /* least part of a block */
#define SILENT 0.04      /* most speech in a block of a pause */
#define PHRASES 4u       /* that wait to be read */
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

/* The latest block of settled steps, and the steps of its speech. Returns the
 * part of it that is speech. */
static double
sum_block (const DmixDialogueMeter *self, DmixPhraseBlock *block,
    unsigned long long *first, unsigned long long *end)
{
  double speech = 0.0;

  *block = (DmixPhraseBlock){ 0.0 };
  *first = *end = 0;
  for (unsigned i = 1; i <= BLOCK; i++) {
    const unsigned at = (unsigned) ((self->settled - i) % RING);

    block->power += self->power[at] / BLOCK;
    speech += self->speech[at] / BLOCK;
    for (int b = 0; b < DMIX_SPEECHBANDS; b++)
      block->band[b] += self->band[at][b] / BLOCK;
    if (self->speech[at] > 0.0) {
      *first = self->past + self->settled - i;
      *end = *end > 0 ? *end : *first + 1;
    }
  }
  return speech;
}

/* Judges the block that ends with the latest settled step. */
static void
judge_block (DmixDialogueMeter *self)
{
  unsigned long long first, end;
  DmixPhraseBlock block;
  DmixPhrase done;
  const double speech = sum_block (self, &block, &first, &end);
  int ended = 0;

  if (speech >= SPEECH) {
    ended = dmix_phrases_add_speech (&self->phrases, &block, first, end, &done);
    if (block.power > self->gate)
      add_to (&self->dialogue, block.power, 1);
  } else if (speech <= SILENT)
    ended = dmix_phrases_add_pause (&self->phrases, &block, &done);
  if (ended)
    take_phrase (self, &done);
}

/* Adds the probability of the next step that waits for one. */
static void
settle (DmixDialogueMeter *self, double probability)
{
  const double speech = probability >= CERTAIN ? 1.0 : 0.0;

  self->speech[self->settled % RING] = speech;
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
