/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: rows of the guide go through the pause detector; a line ends where a
 * pause has lasted gap_rows, or at its softest row when it gets too long. With a
 * speech detector a row waits until its settled answer is there, 300 ms later.
 */
#include "adr/adrscene.h"

#include "base/units.h"

#include <math.h>

#define SPEECH_ROWS 20 /* 0.1 s: shortest line that counts as speech */
#define ROWS_PER_STEP (DMIX_MEL_ROWS_PER_S / DMIX_VOICE_STEPS_PER_S)
#define SPEECH 0.5       /* probability */
#define SILENT_ROWS 1000 /* 5 s: so much silence ends a line by itself */

void
dmix_adrscene_reset (DmixAdrScene *self)
{
  self->start = self->begun = self->seen = 0;
  self->lines = 0;
  self->heard = 0;
  dmix_pauses_reset (&self->pauses);
  if (self->voice)
    dmix_voice_reset (self->voice);
}

void
dmix_adrscene_set_voice (DmixAdrScene *self, DmixVoice *voice)
{
  self->voice = voice;
  self->heard = 0;
}

int64_t
dmix_adrscene_get_end (const DmixAdrScene *self)
{
  return self->start
      + (int64_t) (self->lines ? self->line_end[self->lines - 1] : 0);
}

int
dmix_adrscene_is_known (const DmixAdrScene *self, const DmixAdrQueue *guide)
{
  const int64_t end = dmix_adrscene_get_end (self);

  return self->lines == DMIX_ADR_LINES
      || end - self->start >= DMIX_ADR_SCENE_ROWS
      || (self->lines && guide->ended && end == guide->end_row);
}

/* Softest row, over a mean of 5 rows, in the last third of an overlong line. */
static int64_t
softest_row (const DmixAdrScene *self, const DmixAdrQueue *guide)
{
  const int64_t end = self->seen;
  int64_t softest = end;
  double least = INFINITY;

  for (int64_t row = end - (end - self->begun) / 3; row + 5 < end; row++) {
    const float *power = dmix_adrscene_get_power (guide, row);
    double sum = 0.0;

    for (unsigned b = 0; b < 5 * DMIX_MEL_BANDS; b++)
      sum += power[b];
    if (sum < least) {
      least = sum;
      softest = row + 3;
    }
  }
  return softest;
}

static void
end_line (DmixAdrScene *self, int64_t row)
{
  self->line_speaks[self->lines] = self->pauses.speech_rows >= SPEECH_ROWS;
  self->line_end[self->lines++] = (size_t) (row - self->start);
  self->begun = row;
  dmix_pauses_cut (&self->pauses);
}

/* Gives `voice` the sound up to the end of a step; silence behind the end of the
 * guide. Returns 0 if the guide has not come so far. */
static int
hear (DmixAdrScene *self, const DmixAdrQueue *guide, int64_t step)
{
  const DmixFormat *format = &guide->format;

  for (; self->heard <= step; self->heard++) {
    const int64_t first =
        self->heard * format->rate_hz / DMIX_VOICE_STEPS_PER_S;
    const int64_t next =
        (self->heard + 1) * format->rate_hz / DMIX_VOICE_STEPS_PER_S;
    const int64_t end = DMIX_MIN (next, guide->end);

    if (next > guide->end && !guide->ended)
      return 0;
    if (end > first)
      dmix_voice_add (self->voice,
          guide->sample + (size_t) (first - guide->start) * format->channels,
          (size_t) (end - first));
    dmix_voice_step (self->voice);
  }
  return 1;
}

/* Counts the next row as speech or quiet; 0 if that cannot be known yet. */
static int
count_row (DmixAdrScene *self, const DmixAdrQueue *guide)
{
  if (self->voice) {
    if (!hear (self, guide, self->seen / ROWS_PER_STEP + DMIX_VOICE_DELAY))
      return 0;
    dmix_pauses_count (&self->pauses,
        dmix_voice_get_settled (self->voice) >= SPEECH);
  } else
    dmix_pauses_add (&self->pauses,
        dmix_adrscene_get_power (guide, self->seen));
  self->seen++;
  return 1;
}

void
dmix_adrscene_process (DmixAdrScene *self, const DmixAdrQueue *guide)
{
  const DmixPauses *pauses = &self->pauses;

  while (!dmix_adrscene_is_known (self, guide) && self->seen < guide->end_row
      && count_row (self, guide)) {
    if (pauses->quiet_rows >= self->gap_rows
        && pauses->speech_rows >= SPEECH_ROWS)
      end_line (self, self->seen - pauses->quiet_rows / 2);
    else if (self->seen - self->begun >= self->most_rows)
      end_line (self, softest_row (self, guide));
    else if (self->seen - self->begun >= SILENT_ROWS
        && pauses->speech_rows == 0)
      end_line (self, self->seen);
  }
  if (!dmix_adrscene_is_known (self, guide) && guide->ended
      && guide->end_row > self->begun)
    end_line (self, guide->end_row);
}

void
dmix_adrscene_add_rest (DmixAdrScene *self, const DmixAdrQueue *guide)
{
  const int64_t rest = guide->end_row - dmix_adrscene_get_end (self);

  if (!guide->ended || rest <= 0 || rest > DMIX_ADR_CONTEXT_ROWS
      || self->lines == DMIX_ADR_LINES)
    return;
  while (self->seen < guide->end_row && count_row (self, guide))
    ;
  end_line (self, guide->end_row);
}

void
dmix_adrscene_next (DmixAdrScene *self)
{
  self->start = dmix_adrscene_get_end (self);
  self->lines = 0;
}
