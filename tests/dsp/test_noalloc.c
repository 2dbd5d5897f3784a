/* No allocation in anything that runs on a streaming thread: malloc and its
 * relatives are counted (the linker's --wrap). */
#include "signals.h"

#include "ducker.h"
#include "loudness.h"

static volatile int counting, calls;

void *__real_malloc (size_t size);
void *__real_calloc (size_t count, size_t size);
void *__real_realloc (void *old, size_t size);
void __real_free (void *memory);
void *__wrap_malloc (size_t size);
void *__wrap_calloc (size_t count, size_t size);
void *__wrap_realloc (void *old, size_t size);
void __wrap_free (void *memory);

void *
__wrap_malloc (size_t size)
{
  calls += counting;
  return __real_malloc (size);
}

void *
__wrap_calloc (size_t count, size_t size)
{
  calls += counting;
  return __real_calloc (count, size);
}

void *
__wrap_realloc (void *old, size_t size)
{
  calls += counting;
  return __real_realloc (old, size);
}

void
__wrap_free (void *memory)
{
  calls += counting;
  __real_free (memory);
}

static void
run_loudness (void)
{
  const DmixFormat format = { 44100, 6 };
  DmixLoudness *meter = dmix_loudness_new (&format, NULL, 1);
  DmixLoudnessReading reading;
  static float sound[6 * 480];

  for (int block = 0; block < 500; block++) {
    fill_noise (sound, 6 * 480, 0.1, block);
    counting = 1;
    dmix_loudness_process (meter, sound, 480);
    dmix_loudness_read (meter, &reading);
    if (block == 400)
      dmix_loudness_interrupt (meter);
    if (block == 450)
      dmix_loudness_reset (meter);
    counting = 0;
  }
  dmix_loudness_free (meter);
}

int
main (void)
{
  const DmixFormat format = { 48000, 6 };
  DmixDucker *ducker = dmix_ducker_new (&format, NULL, 100);
  DmixDuckerParams params = {.mode = DMIX_DUCK_TARGET,.target_lu = 15,
    .range_db = 15,.release_ms = 250,.open_db = -16,.close_db = -24,
    .floor_lufs = -50,.hold_ms = 400,.mix = 1
  };
  DmixDuckerMeter meter;
  static float background[6 * 480], dialogue[6 * 480];

  dmix_ducker_set_params (ducker, &params);     /* Orc compiles its kernels */
  dmix_ducker_process (ducker, background, dialogue, 480);
  for (int block = 0; block < 1000; block++) {
    fill_noise (background, 6 * 480, 0.1, block);
    fill_noise (dialogue, 6 * 480, block / 100 % 2 ? 0.2 : 0.0, block);
    params.dialogue_gain_db = block % 7 - 3;
    counting = block > 300;     /* by then every path has been taken once */
    dmix_ducker_set_params (ducker, &params);
    dmix_ducker_process (ducker, background, dialogue, 480);
    dmix_ducker_read_meter (ducker, &meter);
    if (block == 900)
      dmix_ducker_reset (ducker);
    counting = 0;
  }
  dmix_ducker_free (ducker);
  run_loudness ();
  g_print ("%d calls of the allocator\n", calls);
  return calls ? 1 : 0;
}
