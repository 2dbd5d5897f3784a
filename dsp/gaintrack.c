/* Method: gains of a block of frames are drawn into an array, one for each lane
 * (a lane: a channel, or all of them where they share), then multiplied in one
 * loop. Drawn as from (1 - p) + to p, which never leaves the interval between
 * the two ends by more than a rounding: what both ends keep to, a ceiling, the
 * line keeps to.
 *
 * The clamp is for limiters whose look-ahead is too short: a step whose
 * samples could exceed it is done again frame by frame.
 *
 * State
 *   gain[]       of each channel, a ring of borders; what[]: the same ring
 *   place[]      p of the frames of a step
 *   line[]       gains of the frames at hand, by lane
 *   held[]       gain that the clamp has come down to, of each lane
 *   held_until   border at which it is let go
 */
#include "gaintrack.h"

#include "level.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct DmixGainTrack
{
  unsigned channels, step_frames, borders;
  size_t most_frames;
  float *gain, *place, *line;
  DmixGainTrackBorder *what;
  float held[DMIX_MAX_CHANNELS];
  uint64_t held_until;
};

DmixGainTrack *
dmix_gaintrack_new (unsigned channels, unsigned step_frames, unsigned borders,
    size_t most_frames)
{
  DmixGainTrack *self = calloc (1, sizeof *self);

  if (!self)
    return NULL;
  self->channels = channels;
  self->step_frames = step_frames;
  self->borders = borders;
  self->most_frames = most_frames;
  self->gain = calloc ((size_t) borders * channels, sizeof *self->gain);
  self->what = calloc (borders, sizeof *self->what);
  self->place = calloc (step_frames, sizeof *self->place);
  self->line = calloc (most_frames * channels, sizeof *self->line);
  if (!self->gain || !self->what || !self->place || !self->line) {
    dmix_gaintrack_free (self);
    return NULL;
  }
  for (unsigned i = 0; i < step_frames; i++)
    self->place[i] = (float) (i + 1) / (float) step_frames;
  return self;
}

void
dmix_gaintrack_free (DmixGainTrack * self)
{
  if (!self)
    return;
  free (self->gain);
  free (self->what);
  free (self->place);
  free (self->line);
  free (self);
}

void
dmix_gaintrack_reset (DmixGainTrack * self)
{
  self->held_until = 0;
}

void
dmix_gaintrack_fill (DmixGainTrack * self, uint64_t first, unsigned count,
    DmixGainTrackBorder what, unsigned channel, const float *gain)
{
  float *to = self->gain + (size_t) channel * self->borders;

  for (unsigned i = 0; i < count; i++) {
    const unsigned at = (first + i) & (self->borders - 1);

    self->what[at] = what;
    to[at] = gain[at];
  }
}

void
dmix_gaintrack_mix (DmixGainTrack * self, uint64_t border,
    DmixGainTrackBorder what, unsigned channel, const float *a,
    const float *b, float w)
{
  const unsigned at = border & (self->borders - 1);

  self->what[at] = what;        /* the sum is a where both agree: 1 stays 1 */
  self->gain[(size_t) channel * self->borders + at] =
      a[at] + w * (b[at] - a[at]);
}

static inline float
larger (float a, float b)
{
  return a > b ? a : b;
}

static inline float
smaller (float a, float b)
{
  return a < b ? a : b;
}

static const DmixGainTrackBorder *
what_at (const DmixGainTrack * self, uint64_t border)
{
  return &self->what[border & (self->borders - 1)];
}

static float
gain_at (const DmixGainTrack * self, uint64_t border, unsigned lane)
{
  const unsigned at = border & (self->borders - 1);

  return self->gain[self->what[at].shared ? at
      : (size_t) lane * self->borders + at];
}

/* Frames from `frame` on up to the end of its step. */
static unsigned
rest_of_step (const DmixGainTrack * self, uint64_t frame, size_t frames)
{
  const unsigned left = self->step_frames
      - (unsigned) (frame % self->step_frames);

  return frames < left ? (unsigned) frames : left;
}

/* Gains of the frames from `frame` on, of one lane. Returns non-zero if all of
 * them are 1. */
static int
draw_line (const DmixGainTrack * self, uint64_t frame, size_t frames,
    unsigned lane, float *line)
{
  uint64_t border = frame / self->step_frames;
  const float *place = self->place + frame % self->step_frames;
  float from, to = gain_at (self, border, lane);
  int one = to == 1.0f;

  while (frames > 0) {
    const unsigned n = rest_of_step (self, frame, frames);

    from = to;
    to = gain_at (self, ++border, lane);
    one &= to == 1.0f;
    if (from == to)
      for (unsigned i = 0; i < n; i++)
        line[i] = from;
    else
      for (unsigned i = 0; i < n; i++)
        line[i] = from * (1.0f - place[i]) + to * place[i];
    place = self->place;
    line += n;
    frame += n;
    frames -= n;
  }
  return one;
}

static unsigned
lanes_at (const DmixGainTrack * self, uint64_t frame, size_t frames)
{
  const uint64_t last = (frame + frames - 1) / self->step_frames + 1;

  for (uint64_t b = frame / self->step_frames; b <= last; b++)
    if (!what_at (self, b)->shared)
      return self->channels;
  return 1;
}

/* Brings the gains of some frames of one step down so that no sample exceeds
 * `most`. A gain once down stays so to the end of the next step, by when the
 * engine has seen the sample. */
static void
clamp_step (DmixGainTrack * self, const float *x, unsigned n, unsigned lane,
    unsigned lanes, float *line, float most, uint64_t border)
{
  const unsigned channels = self->channels;
  float *held = &self->held[lane];

  for (unsigned i = 0; i < n; i++) {
    const float peak = lanes == 1
        ? dmix_level_peak_all (x + i * channels, channels)
        : fabsf (x[i * channels + lane]);

    line[i] = smaller (line[i], *held);
    if (peak * line[i] > most) {
      line[i] = *held = most / peak;
      self->held_until = border + 2;
    }
  }
}

/* Keeps samples within the clamp. Returns non-zero if any gain was changed. */
static int
clamp_lines (DmixGainTrack * self, const float *x, uint64_t frame,
    size_t frames, unsigned lanes)
{
  const unsigned channels = self->channels;
  int changed = 0;

  for (size_t done = 0; done < frames;) {
    const unsigned n = rest_of_step (self, frame + done, frames - done);
    const uint64_t b = (frame + done) / self->step_frames;
    const float most = larger (what_at (self, b)->clamp,
        what_at (self, b + 1)->clamp);
    const float *here = x + done * channels;

    if (b >= self->held_until)
      for (unsigned l = 0; l < channels; l++)
        self->held[l] = INFINITY;
    for (unsigned l = 0; most < INFINITY && l < lanes; l++) {
      float *line = self->line + l * self->most_frames + done;
      const float highest = larger (line[0], line[n - 1]);

      if (b < self->held_until
          || dmix_level_peak_all (here, n * channels) * highest > most) {
        clamp_step (self, here, n, l, lanes, line, most, b);
        changed = 1;
      }
    }
    done += n;
  }
  return changed;
}

/* Inlined with a constant number of channels it becomes vector code. */
static inline void
apply_shared (float *restrict out, const float *restrict x,
    const float *restrict line, const unsigned channels, size_t frames)
{
  for (size_t i = 0; i < frames; i++)
    for (unsigned c = 0; c < channels; c++)
      out[i * channels + c] = x[i * channels + c] * line[i];
}

static void
apply (const DmixGainTrack * self, float *out, const float *x, size_t frames,
    unsigned lanes)
{
  const unsigned channels = self->channels;

  if (channels == 1)
    apply_shared (out, x, self->line, 1, frames);
  else if (lanes == 1 && channels == 2)
    apply_shared (out, x, self->line, 2, frames);
  else if (lanes == 1)
    apply_shared (out, x, self->line, channels, frames);
  else
    for (unsigned c = 0; c < channels; c++) {
      const float *line = self->line + c * self->most_frames;

      for (size_t i = 0; i < frames; i++)
        out[i * channels + c] = x[i * channels + c] * line[i];
    }
}

static void
note_gains (const DmixGainTrack * self, uint64_t frame, size_t frames,
    unsigned lanes, DmixDynamicsMeterState * meter)
{
  for (size_t done = 0; done < frames;) {
    const unsigned n = rest_of_step (self, frame + done, frames - done);
    const uint64_t b = (frame + done) / self->step_frames;
    const float from = 1.0f / what_at (self, b)->rest;
    const float to = 1.0f / what_at (self, b + 1)->rest;

    for (unsigned l = 0; l < lanes; l++) {
      const float *line = self->line + l * self->most_frames + done;

      dmix_dynamicsmeter_gain (meter, line[0] * from, line[n - 1] * to, n);
    }
    done += n;
  }
}

float
dmix_gaintrack_apply (DmixGainTrack * self, float *out, const float *x,
    uint64_t frame, size_t frames, DmixDynamicsMeterState * meter)
{
  const unsigned lanes = lanes_at (self, frame, frames);
  int one = 1;

  for (unsigned l = 0; l < lanes; l++)
    one &= draw_line (self, frame, frames, l,
        self->line + l * self->most_frames);
  one &= !clamp_lines (self, x, frame, frames, lanes);
  if (one)
    memcpy (out, x, frames * self->channels * sizeof *out);
  else
    apply (self, out, x, frames, lanes);
  if (meter)
    note_gains (self, frame, frames, lanes, meter);
  return what_at (self, (frame + frames - 1) / self->step_frames + 1)->rest;
}
