/* Method: sound is handled in blocks, decisions in steps of 2 ms.
 *
 *   every step    K-weighted energy of dialogue and background (kweight)
 *                 -> is somebody speaking? (activity)
 *                 -> how deep? (duckdepth): the target gain, dB
 *                 -> the ramp: look-ahead minimum and smoothing (lookahead),
 *                    or one pole `attack` where there is no look-ahead
 *                 -> one pole `release` on the way up, in dB
 *   every frame   delay, gain in a straight line from step to step (mixgain)
 *
 * Timing. A gain decided at the end of a step is reached a step later, and
 * the level detector needs some milliseconds to notice a soft first sound.
 * The ramp is made shorter than the look-ahead by both, so that the whole
 * depth is there when the first syllable leaves the delay.
 *
 * State
 *   step_frames, at    length of a step; frames of the current one so far
 *   energy[]           of the current step: background lanes, dialogue lanes
 *   weight[]           loudness weight of each lane
 *   duck_db            the ducking gain at the end of the last step
 *   gain, fade         gain lines of background and dialogue in this step
 *   quiet              frames since the last dialogue sound (capped)
 *   past               what the meter shows, as old as the look-ahead
 */
#include "ducker.h"

#include "delay.h"
#include "finite.h"
#include "kweight.h"
#include "lookahead.h"
#include "mixgain.h"
#include "smooth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEP_S 0.002
#define MOST_STEPS 32           /* of a block that is handled at once */
#define DETECTION_S 0.020       /* soft onsets are noticed so late */
#define SHORTEST_RAMP 3         /* steps: shorter ones click */
#define FADER_S 0.010
#define SETTLED_DB 0.001
#define NOTHING_DB -100.0       /* a fader at its lower end is closed */

typedef struct
{
  int active;
  double dialogue, background;  /* mean squares */
} Reading;

struct DmixDucker
{
  DmixFormat format;
  unsigned lookahead_frames, step_frames, at;
  double step_s;
  unsigned lanes, half;         /* half: lanes of the background */
  unsigned *channel;            /* of each lane of one half */
  const float **lane;
  double *energy, *weight;
  DmixKWeight *kweight;
  DmixActivity *activity;
  DmixDuckDepth *depth;
  DmixLookahead *ramp;          /* NULL without look-ahead */
  DmixDelay *background_delay, *dialogue_delay;
  double duck_db, attack_share, release_share;
  double ducked_db, ducked;     /* the gain as it is applied, dB and linear */
  double dialogue_gain_db, background_gain_db;
  DmixSmooth background_fader, dialogue_fader, engaged;
  DmixGainLine gain, fade;
  size_t quiet;
  int fresh;                    /* no parameters yet since new or reset */
  Reading *past;
  unsigned past_length, past_at;
  double gain_db_sum, gain_db_min;
  unsigned gain_steps;
  Reading reading;
};

static double
limited (double value, double low, double high)
{
  return fmin (fmax (value, low), high);
}

static double
linear (double db)
{
  return db == 0.0 ? 1.0 : pow (10.0, db / 20.0);
}

static unsigned
ramp_steps (const DmixDucker * self)
{
  int steps = (int) (self->lookahead_frames / self->step_frames);
  int noticed = (int) (fmin (DETECTION_S / self->step_s, steps / 2.0));
  int left = steps - 2 - noticed;

  return left > SHORTEST_RAMP ? (unsigned) left : SHORTEST_RAMP;
}

/* One lane for each channel that counts, first background, then dialogue. */
static int
set_up_lanes (DmixDucker * self, const float *weight)
{
  const unsigned channels = self->format.channels;
  unsigned n = 0;

  self->channel = calloc (channels, sizeof *self->channel);
  self->weight = calloc (channels, sizeof *self->weight);
  self->lane = calloc (2 * channels, sizeof *self->lane);
  self->energy = calloc (2 * channels, sizeof *self->energy);
  if (!self->channel || !self->weight || !self->lane || !self->energy)
    return 0;
  for (unsigned c = 0; c < channels; c++) {
    if (weight && !(weight[c] > 0.0f))
      continue;
    self->weight[n] = weight ? weight[c] : 1.0;
    self->channel[n++] = c;
  }
  if (n == 0)                   /* an LFE alone: measure it all the same */
    self->weight[n++] = 1.0;
  self->half = n;
  self->lanes = 2 * n;
  return 1;
}

static int
set_up_parts (DmixDucker * self)
{
  const size_t frames = self->lookahead_frames;
  const double free_s = fmax (0.0, (double) frames / self->format.rate_hz
      - DETECTION_S);

  self->kweight = dmix_kweight_new (self->format.rate_hz, self->lanes);
  self->activity = dmix_activity_new (self->step_s);
  self->depth = dmix_duckdepth_new (self->step_s, free_s);
  self->background_delay = dmix_delay_new (frames, self->format.channels);
  self->dialogue_delay = dmix_delay_new (frames, self->format.channels);
  self->past_length = (unsigned) (frames / self->step_frames) + 1;
  self->past = calloc (self->past_length, sizeof *self->past);
  if (frames > 0 && !(self->ramp = dmix_lookahead_new (ramp_steps (self))))
    return 0;
  return self->kweight && self->activity && self->depth && self->past
      && self->background_delay && self->dialogue_delay;
}

DmixDucker *
dmix_ducker_new (const DmixFormat * format, const float *weight,
    double lookahead_ms)
{
  DmixDucker *self;

  if (!dmix_format_is_valid (format)
      || !(lookahead_ms >= 0.0 && lookahead_ms <= DMIX_DUCKER_MAX_LOOKAHEAD_MS)
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->format = *format;
  self->lookahead_frames =
      (unsigned) lround (lookahead_ms * format->rate_hz / 1000.0);
  self->step_frames = (unsigned) fmax (1.0, round (STEP_S * format->rate_hz));
  self->step_s = fmin (1.0, (double) self->step_frames / format->rate_hz);
  if (!set_up_lanes (self, weight) || !set_up_parts (self)) {
    dmix_ducker_free (self);
    return NULL;
  }
  dmix_smooth_init (&self->background_fader, 1.0, FADER_S, self->step_s);
  dmix_smooth_init (&self->dialogue_fader, 1.0, FADER_S, self->step_s);
  dmix_smooth_init (&self->engaged, 1.0, FADER_S, self->step_s);
  dmix_ducker_reset (self);
  return self;
}

void
dmix_ducker_free (DmixDucker * self)
{
  if (!self)
    return;
  dmix_kweight_free (self->kweight);
  dmix_activity_free (self->activity);
  dmix_duckdepth_free (self->depth);
  dmix_lookahead_free (self->ramp);
  dmix_delay_free (self->background_delay);
  dmix_delay_free (self->dialogue_delay);
  free (self->channel);
  free (self->lane);
  free (self->energy);
  free (self->weight);
  free (self->past);
  free (self);
}

static void
forget_meter (DmixDucker * self)
{
  self->gain_db_sum = self->gain_db_min = 0.0;
  self->gain_steps = 0;
  self->reading.active = 0;
}

void
dmix_ducker_reset (DmixDucker * self)
{
  const Reading nothing = { 0, 0.0, 0.0 };

  dmix_kweight_reset (self->kweight);
  dmix_activity_reset (self->activity);
  dmix_duckdepth_reset (self->depth);
  if (self->ramp)
    dmix_lookahead_reset (self->ramp, 0.0f);
  dmix_delay_reset (self->background_delay);
  dmix_delay_reset (self->dialogue_delay);
  memset (self->energy, 0, self->lanes * sizeof *self->energy);
  self->at = 0;
  self->duck_db = self->ducked_db = 0.0;
  self->ducked = 1.0;
  self->quiet = self->lookahead_frames;
  for (unsigned i = 0; i < self->past_length; i++)
    self->past[i] = nothing;
  self->reading = nothing;
  forget_meter (self);
  self->fresh = 1;
}

static double
fader_gain (double db)
{
  return db <= NOTHING_DB ? 0.0 : linear (db);
}

/* Where the gains stand at the end of this step. */
static void
set_gain_ends (DmixDucker * self)
{
  const double ducked = self->duck_db * self->engaged.value;

  if (ducked != self->ducked_db) {
    self->ducked_db = ducked;
    self->ducked = linear (ducked);
  }
  self->gain.to = (float) (self->ducked * self->background_fader.value);
  self->fade.to = (float) self->dialogue_fader.value;
}

void
dmix_ducker_set_params (DmixDucker * self, const DmixDuckerParams * params)
{
  const double dialogue_db =
      limited (params->dialogue_gain_db, NOTHING_DB, 24.0);
  const double background_db =
      limited (params->background_gain_db, NOTHING_DB, 24.0);
  const DmixActivityParams activity = {
    params->open_db, params->close_db, params->floor_lufs, params->hold_ms
  };
  const DmixDuckDepthParams depth = {
    params->mode, params->target_lu, params->depth_db, params->range_db,
    dialogue_db - background_db
  };

  dmix_activity_set_params (self->activity, &activity);
  dmix_duckdepth_set_params (self->depth, &depth);
  self->attack_share =
      dmix_smooth_share (limited (params->attack_ms, 0.0, 1000.0) / 1000.0,
      self->step_s);
  self->release_share =
      dmix_smooth_share (limited (params->release_ms, 1.0, 10000.0) / 1000.0,
      self->step_s);
  self->dialogue_gain_db = dialogue_db;
  self->background_gain_db = background_db;
  self->background_fader.target = fader_gain (background_db);
  self->dialogue_fader.target = params->mix ? fader_gain (dialogue_db) : 0.0;
  self->engaged.target = params->bypass ? 0.0 : 1.0;
  if (self->fresh) {
    dmix_smooth_jump (&self->background_fader);
    dmix_smooth_jump (&self->dialogue_fader);
    dmix_smooth_jump (&self->engaged);
    set_gain_ends (self);
    self->gain.from = self->gain.to;
    self->fade.from = self->fade.to;
    self->fresh = 0;
  }
}

/* The ducking gain follows its target: down with the ramp, up with release. */
static void
follow (DmixDucker * self, double target_db)
{
  float ramped = (float) target_db;
  double left;

  if (self->ramp)
    dmix_lookahead_process (self->ramp, &ramped, 1);
  left = ramped - self->duck_db;
  if (fabs (left) < SETTLED_DB)
    self->duck_db = ramped;
  else if (left < 0.0)
    self->duck_db += self->ramp ? left : self->attack_share * left;
  else
    self->duck_db += self->release_share * left;
}

/* What was decided now is put out a look-ahead later: so is the meter. */
static void
note_for_meter (DmixDucker * self, int active)
{
  const Reading now = { active,
    dmix_duckdepth_dialogue (self->depth),
    dmix_duckdepth_background (self->depth)
  };
  const double ducked = self->duck_db * self->engaged.value;
  int was_active = self->reading.active;

  self->past[self->past_at] = now;
  self->past_at = self->past_at + 1 == self->past_length ? 0 : self->past_at + 1;
  self->reading = self->past[self->past_at];
  self->reading.active |= was_active;
  self->gain_db_sum += ducked;
  self->gain_db_min = fmin (self->gain_db_min, ducked);
  self->gain_steps++;
}

static double
mean_square (const DmixDucker * self, const double *energy)
{
  double sum = 0.0;

  for (unsigned l = 0; l < self->half; l++)
    sum += self->weight[l] * energy[l];
  return sum / self->step_frames;
}

/* The end of a step: decide on the gain of the next one. */
static void
control_step (DmixDucker * self)
{
  const double background = mean_square (self, self->energy);
  const double dialogue = mean_square (self, self->energy + self->half);
  DmixActivityState state = dmix_activity_step (self->activity, dialogue);

  note_for_meter (self, state.active);
  follow (self, dmix_duckdepth_step (self->depth, &state, dialogue,
          background));
  dmix_smooth_step (&self->background_fader);
  dmix_smooth_step (&self->dialogue_fader);
  dmix_smooth_step (&self->engaged);
  self->gain.from = self->gain.to;
  self->fade.from = self->fade.to;
  set_gain_ends (self);
  dmix_kweight_settle (self->kweight);
  memset (self->energy, 0, self->lanes * sizeof *self->energy);
}

static size_t
frames_to_step_end (const DmixDucker * self, size_t frames)
{
  size_t left = self->step_frames - self->at;

  return left < frames ? left : frames;
}

static void
measure (DmixDucker * self, const float *background, const float *dialogue,
    size_t frames)
{
  for (unsigned l = 0; l < self->half; l++) {
    self->lane[l] = background + self->channel[l];
    self->lane[self->half + l] = dialogue + self->channel[l];
  }
  dmix_kweight_process (self->kweight, self->lane, self->format.channels,
      frames, self->energy);
}

/* Delays both signals; non-zero if dialogue may be in what leaves. */
static int
delay (DmixDucker * self, float *background, float *dialogue, size_t frames,
    int sound)
{
  dmix_delay_process (self->background_delay, background, frames);
  self->quiet = sound ? 0 : self->quiet + frames;
  if (self->quiet >= self->lookahead_frames + frames) {
    self->quiet = self->lookahead_frames + frames;
    return 0;                   /* the delay holds nothing but silence */
  }
  dmix_delay_process (self->dialogue_delay, dialogue, frames);
  return 1;
}

/* A block of at most MOST_STEPS steps: first what is heard in it decides on
 * the gains of its steps, then they are applied to what leaves the delay. */
static void
process_block (DmixDucker * self, float *background, float *dialogue,
    size_t frames, int sound)
{
  const unsigned channels = self->format.channels;
  DmixGainLine gain[MOST_STEPS + 1], fade[MOST_STEPS + 1];
  const unsigned first_at = self->at;
  unsigned step = 0;
  size_t done, n;

  for (done = 0; done < frames; done += n) {
    n = frames_to_step_end (self, frames - done);
    gain[step] = self->gain;
    fade[step++] = self->fade;
    measure (self, background + done * channels, dialogue + done * channels,
        n);
    self->at += n;
    if (self->at == self->step_frames) {
      self->at = 0;
      control_step (self);
    }
  }
  if (!delay (self, background, dialogue, frames, sound))
    memset (fade, 0, sizeof fade);
  self->at = first_at;
  for (step = 0, done = 0; done < frames; done += n, step++) {
    n = frames_to_step_end (self, frames - done);
    dmix_mixgain_process (background + done * channels,
        dialogue + done * channels, channels, n, gain[step], fade[step],
        self->at, self->step_frames);
    self->at = (self->at + n) % self->step_frames;
  }
}

void
dmix_ducker_process (DmixDucker * self, float *background, float *dialogue,
    size_t frames)
{
  const unsigned channels = self->format.channels;
  const size_t most = (size_t) (MOST_STEPS - 1) * self->step_frames;

  while (frames > 0) {
    size_t n = frames < most ? frames : most;
    int sound = dmix_finite_clean (dialogue, n * channels);

    dmix_finite_clean (background, n * channels);
    process_block (self, background, dialogue, n, sound);
    background += n * channels;
    dialogue += n * channels;
    frames -= n;
  }
}

unsigned
dmix_ducker_latency_frames (const DmixDucker * self)
{
  return self->lookahead_frames;
}

unsigned
dmix_ducker_tail_frames (const DmixDucker * self)
{
  return self->lookahead_frames;
}

/* Loudness behind a gain; silence stays silence. */
static double
shown (double mean_square, double gain_db)
{
  const double lufs = dmix_kweight_lufs (mean_square);

  return lufs > DMIX_KWEIGHT_SILENCE_LUFS ? lufs + gain_db : lufs;
}

void
dmix_ducker_read_meter (DmixDucker * self, DmixDuckerMeter * meter)
{
  const double ducked = self->duck_db * self->engaged.value;
  const unsigned steps = self->gain_steps;

  meter->dialogue_active = self->reading.active;
  meter->gain_mean_db = steps ? self->gain_db_sum / steps : ducked;
  meter->gain_min_db = steps ? self->gain_db_min : ducked;
  meter->dialogue_lufs = shown (self->reading.dialogue,
      self->dialogue_gain_db);
  meter->background_lufs = shown (self->reading.background,
      self->background_gain_db + meter->gain_mean_db);
  forget_meter (self);
}

void
dmix_ducker_continue (DmixDucker * self, const DmixDucker * from)
{
  if (self->format.rate_hz != from->format.rate_hz
      || self->lookahead_frames != from->lookahead_frames)
    return;
  dmix_activity_copy (self->activity, from->activity);
  dmix_duckdepth_copy (self->depth, from->depth);
  if (self->ramp)
    dmix_lookahead_reset (self->ramp, (float) from->duck_db);
  self->duck_db = from->duck_db;
  self->ducked_db = from->ducked_db;
  self->ducked = from->ducked;
  self->background_fader = from->background_fader;
  self->dialogue_fader = from->dialogue_fader;
  self->engaged = from->engaged;
  self->gain = from->gain;
  self->fade = from->fade;
  self->reading = from->reading;
}
