/* The small parts: finite, delay, smooth, mixgain, matrix. */
#include "signals.h"

#include "delay.h"
#include "finite.h"
#include "matrix.h"
#include "mixgain.h"
#include "smooth.h"

static void
test_finite (void)
{
  float x[] = { 0.5f, NAN, INFINITY, -INFINITY, 1e-40f, -0.0f, 1e10f, -1e9f,
    -1e-30f, 1.0f
  };
  const float want[] = { 0.5f, 0, 0, 0, 0, 0, 0, -1e9f, -1e-30f, 1.0f };
  float nothing[] = { 0.0f, NAN, 1e-39f };

  g_assert_true (dmix_finite_clean (x, G_N_ELEMENTS (x)));
  g_assert_cmpmem (x, sizeof x, want, sizeof want);
  g_assert_false (dmix_finite_clean (nothing, G_N_ELEMENTS (nothing)));
  g_assert_false (dmix_finite_clean (nothing, 0));
}

static void
test_delay (void)
{
  const size_t delays[] = { 0, 1, 7, 480 };

  for (guint d = 0; d < G_N_ELEMENTS (delays); d++) {
    for (unsigned channels = 1; channels <= 3; channels += 2) {
      DmixDelay *delay = dmix_delay_new (delays[d], channels);
      float in[3000], out[3000];
      const size_t frames = 3000 / channels;

      fill_noise (in, 3000, 0.1, 1);
      memcpy (out, in, sizeof in);
      g_assert_cmpuint (dmix_delay_latency_frames (delay), ==, delays[d]);
      for (size_t done = 0, n = 1; done < frames; done += n, n = n * 2 + 1) {
        n = MIN (n, frames - done);
        dmix_delay_process (delay, out + done * channels, n);
      }
      for (size_t i = 0; i < frames * channels; i++)
        g_assert_cmpfloat (out[i], ==, i < delays[d] * channels ? 0.0f
            : in[i - delays[d] * channels]);
      dmix_delay_reset (delay);
      memset (out, 0, sizeof out);
      dmix_delay_process (delay, out, frames);
      for (size_t i = 0; i < frames * channels; i++)
        g_assert_cmpfloat (out[i], ==, 0.0f);
      dmix_delay_free (delay);
    }
  }
  g_assert_null (dmix_delay_new (1, 0));
  dmix_delay_free (NULL);
}

static void
test_smooth (void)
{
  DmixSmooth smooth;
  double value = 0.0;

  dmix_smooth_init (&smooth, 0.0, 0.010, 0.001);
  smooth.target = 1.0;
  for (int i = 0; i < 10; i++)
    value = dmix_smooth_step (&smooth);
  g_assert_cmpfloat_with_epsilon (value, 1.0 - exp (-1.0), 1e-9);
  for (int i = 0; i < 200; i++)
    value = dmix_smooth_step (&smooth);
  g_assert_cmpfloat (value, ==, 1.0);
  g_assert_cmpfloat (dmix_smooth_share (0.0, 0.001), ==, 1.0);
}

/* The gain goes in a straight line from one end of the step to the other, and
 * cutting the step into calls changes no bit. */
static void
test_mixgain (void)
{
  const DmixGainLine gain = { 1.0f, 0.25f }, other_gain = { 0.0f, 0.5f };

  for (unsigned channels = 1; channels <= 3; channels++) {
    float a[3 * 96], b[3 * 96], other[3 * 96];

    fill_noise (a, 96 * channels, 0.1, 1);
    fill_noise (other, 96 * channels, 0.1, 2);
    memcpy (b, a, sizeof a);
    for (unsigned i = 0; i < 96; i++) {
      const double place = (i + 1) / 96.0;

      for (unsigned c = 0; c < channels; c++) {
        const unsigned k = i * channels + c;
        const double want = a[k] * (1.0 - 0.75 * place)
            + other[k] * 0.5 * place;

        dmix_mixgain_process (b + k - c, other + k - c, channels, c == 0,
            gain, other_gain, i, 96);
        g_assert_cmpfloat_with_epsilon (b[k], want, 1e-6);
      }
    }
    dmix_mixgain_process (a, other, channels, 96, gain, other_gain, 0, 96);
    g_assert_cmpmem (a, 96 * channels * sizeof *a, b,
        96 * channels * sizeof *b);
  }
}

static void
test_mixgain_rests (void)
{
  const DmixGainLine one = { 1.0f, 1.0f }, off = { 0.0f, 0.0f };
  const DmixGainLine half = { 0.5f, 0.5f };
  float a[200], before[200], other[200];

  fill_noise (before, 200, 0.1, 1);
  fill_noise (other, 200, 0.1, 2);
  memcpy (a, before, sizeof a);
  dmix_mixgain_process (a, other, 2, 100, one, off, 0, 100);
  g_assert_cmpmem (a, sizeof a, before, sizeof before);
  dmix_mixgain_process (a, other, 2, 100, half, one, 0, 100);
  for (int i = 0; i < 200; i++)
    g_assert_cmpfloat (a[i], ==, before[i] * 0.5f + other[i]);
  dmix_mixgain_add (a, before, 200);
  for (int i = 0; i < 200; i++)
    g_assert_cmpfloat (a[i], ==, (before[i] * 0.5f + other[i]) + before[i]);
}

static void
test_matrix (void)
{
  const float identity[] = { 1, 0, 0, 1 }, wide[] = { 1, 1, 0, 0.5f, 0, 1 };
  const float in[] = { 0.1f, 0.2f, 0.3f, 0.4f };
  DmixMatrix *same = dmix_matrix_new (2, 2, identity);
  DmixMatrix *two_to_three = dmix_matrix_new (2, 3, wide);
  float out[6];

  g_assert_true (dmix_matrix_is_identity (same));
  g_assert_false (dmix_matrix_is_identity (two_to_three));
  dmix_matrix_process (same, in, out, 2);
  g_assert_cmpmem (out, sizeof in, in, sizeof in);
  dmix_matrix_process (two_to_three, in, out, 2);
  for (int i = 0; i < 2; i++) {
    g_assert_cmpfloat (out[i * 3], ==, in[i * 2] + in[i * 2 + 1] * 0.5f);
    g_assert_cmpfloat (out[i * 3 + 1], ==, in[i * 2]);
    g_assert_cmpfloat (out[i * 3 + 2], ==, in[i * 2 + 1]);
  }
  dmix_matrix_free (same);
  dmix_matrix_free (two_to_three);
  g_assert_null (dmix_matrix_new (0, 2, identity));
  g_assert_null (dmix_matrix_new (65, 2, identity));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/finite", test_finite);
  g_test_add_func ("/delay", test_delay);
  g_test_add_func ("/smooth", test_smooth);
  g_test_add_func ("/mixgain/moves", test_mixgain);
  g_test_add_func ("/mixgain/rests", test_mixgain_rests);
  g_test_add_func ("/matrix", test_matrix);
  return g_test_run ();
}
