/* No allocation in anything that runs on a streaming thread: malloc and its
 * relatives are counted (the linker's --wrap). */
#include "signals.h"

#include "denoise.h"
#include "ducker.h"

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
duck (void)
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
}

static void
denoise (void)
{
  const DmixFormat format = { 48000, 6 };
  DmixDenoise *denoise = dmix_denoise_new (&format, DMIX_DENOISE_NORMAL, NULL);
  DmixDenoiseParams params = { 0 };
  DmixDenoiseMeter meter;
  DmixNoiseProfile profile;
  static float io[6 * 480];

  dmix_denoise_set_params (denoise, &params);
  for (int block = 0; block < 1000; block++) {
    fill_noise (io, 6 * 480, block / 100 % 2 ? 0.2 : 0.0, block);
    params = (DmixDenoiseParams) {.reduction_db = block % 40,
      .noise = block / 50 % 3,.learn = block / 70 % 2,
      .residual = block / 30 % 2,.link = block / 110 % 2,
      .bypass = block / 130 % 2
    };
    counting = block > 300;
    dmix_denoise_set_params (denoise, &params);
    dmix_denoise_process (denoise, io, 480);
    dmix_denoise_read_meter (denoise, &meter);
    dmix_denoise_get_profile (denoise, &profile);
    if (block % 200 == 0)
      dmix_denoise_set_profile (denoise, &profile);
    if (block == 900)
      dmix_denoise_reset (denoise);
    counting = 0;
  }
  dmix_denoise_free (denoise);
}

int
main (void)
{
  duck ();
  denoise ();
  g_print ("%d calls of the allocator\n", calls);
  return calls ? 1 : 0;
}
