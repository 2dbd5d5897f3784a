/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What netfile.h and netmodel.h promise: a file that is not whole, or not of a
 * network, is an error with a sentence; no bytes whatever crash the loader
 * (run it with -Db_sanitize=address,undefined). */
#include "netrig.h"

static void
assert_fault (const guint8 *bytes, size_t size, const char *sentence)
{
  const char *fault = NULL;

  g_assert_null (dmix_netmodel_new (bytes, size, &fault));
  g_assert_nonnull (fault);
  if (sentence)
    g_assert_nonnull (strstr (fault, sentence));
}

/* Any shorter file is damaged, at whatever byte it ends. */
static void
test_truncated (void)
{
  GByteArray *file = net_rig_file ("direct");

  for (guint size = 0; size < file->len; size += size < 200 ? 1 : 37)
    assert_fault (file->data, size,
        size < 40 ? "no weight file" : "damaged or truncated");
  assert_fault (NULL, 100, "no weight file");
  g_byte_array_unref (file);
}

/* One bit that is not right, anywhere. */
static void
test_damaged (void)
{
  GByteArray *file = net_rig_file ("direct");

  for (guint at = 8; at < file->len; at += at < 200 ? 1 : 41) {
    file->data[at] ^= 1 << at % 8;
    assert_fault (file->data, file->len, "damaged or truncated");
    file->data[at] ^= 1 << at % 8;
  }
  g_byte_array_unref (file);
}

/* A field that is wrong though the checksum is right. */
static void
test_wrong_fields (void)
{
  const struct
  {
    guint at;
    guint32 value;
    const char *sentence;
  } wrong[] = {
    { 16, 44100, "another front end" },
    { 20, 1024, "another front end" },
    { 24, 512, "another front end" },
    { 28, 96, "another front end" },
    { 32, 1000000, "too many tensors" },
    { 32, 0xffffffffu, "too many tensors" },
    { 32, 15, "bytes behind its last tensor" },
    { 32, 17, "ends within the head" },
    { 36 + 24, 2, "unknown kind" },
    { 36 + 28, 0, "impossible size" },
    { 36 + 28, 0xffffffffu, "impossible size" },
    { 36 + 28, 60000, "ends within a tensor" },
    { 36 + 32, 0, "impossible size" },
    { 36 + 32, 0x80000001u, "impossible size" },
    { 36 + 32, 4096, "ends within a tensor" },
    { 36, 0x21212121u, "lacks a layer" },
    { 8, 0x21212121u, "unknown shape" },
    { 72, 0x7f800000u, "infinite or too large" }, /* a scale: infinity */
    { 72, 0x7fc00000u, "infinite or too large" },
    { 72, 0x7e000000u, "infinite or too large" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    GByteArray *file = net_rig_file ("direct");
    const guint32 value = GUINT32_TO_LE (wrong[i].value);

    memcpy (file->data + wrong[i].at, &value, 4);
    net_rig_seal (file->data, file->len);
    assert_fault (file->data, file->len, wrong[i].sentence);
    g_byte_array_unref (file);
  }
}

/* Sizes that are possible each alone, but do not fit together: 20 x 576 as 40 x
 * 288; a float16 that is a NaN. */
static void
test_wrong_sizes (void)
{
  GByteArray *file = net_rig_file ("direct");
  const guint bias = 36 + 36 + REFERENCE_ENTER * (4 + 576);
  const guint8 nan[] = { 0x01, 0x7c };

  file->data[36 + 28] = 19;
  file->data[36 + 32] = 0x60; /* 19 x 608 with scales: 8 bytes less */
  net_rig_seal (file->data, file->len);
  assert_fault (file->data, file->len, NULL);
  g_byte_array_unref (file);
  file = net_rig_file ("direct");
  g_assert_cmpstr ((char *) file->data + bias, ==, "enter.b");
  memcpy (file->data + bias + 36, nan, 2);
  net_rig_seal (file->data, file->len);
  assert_fault (file->data, file->len, "infinite or too large");
  g_byte_array_unref (file);
}

/* Random changes with the right checksum: most hit weights and give a network
 * with outputs of 0 to 1, the others are faults. */
static void
test_fuzz (void)
{
  GByteArray *good = net_rig_file ("direct");
  GRand *rand = g_rand_new_with_seed (1);
  guint8 *bytes = g_malloc (good->len);
  guint faults = 0, models = 0;

  for (int run = 0; run < 3000; run++) {
    const gboolean heads = run % 2;
    guint size = good->len;
    DmixNetModel *model;
    const char *fault;

    memcpy (bytes, good->data, size);
    for (int n = g_rand_int_range (rand, 1, 20); n > 0; n--)
      bytes[g_rand_int_range (rand, 0, heads ? 120 : size)] =
          (guint8) g_rand_int (rand);
    if (run % 10 == 0)
      size = g_rand_int_range (rand, 4, size + 1);
    net_rig_seal (bytes, size);
    model = dmix_netmodel_new (bytes, size, &fault);
    g_assert_true ((model == NULL) == (fault != NULL));
    if (model) {
      DmixNet *net = dmix_net_new (model);
      NetRig rig = { 1, NULL };
      float mid[DMIX_NET_ROWS], side[DMIX_NET_ROWS];
      DmixNetFrame frame;

      for (unsigned t = 0; t < 5; t++) {
        net_rig_energies (&rig, t, mid, side);
        dmix_net_step (net, mid, side, &frame);
      }
      g_assert_true (frame.speech >= 0 && frame.speech <= 1);
      for (unsigned r = 0; r < DMIX_NET_ROWS; r++)
        g_assert_true (frame.mid[r] >= 0 && frame.mid[r] <= 1);
      dmix_net_free (net);
    }
    models += model != NULL;
    faults += model == NULL;
    dmix_netmodel_free (model);
  }
  g_assert_cmpuint (models, >, 500);
  g_assert_cmpuint (faults, >, 500);
  g_rand_free (rand);
  g_free (bytes);
  g_byte_array_unref (good);
}

/* float16 against what its bits say, by the formula of IEEE 754. */
static void
test_halves (void)
{
  for (guint bits = 0; bits < 0x7c00; bits += 7) {
    const guint8 data[] = { (guint8) bits, (guint8) (bits >> 8) };
    const DmixNetTensor tensor = { "x", DMIX_NETFILE_HALF, 1, 1, data };
    const guint exponent = bits >> 10;
    const double fraction = (bits & 1023) / 1024.0;

    g_assert_cmpfloat (dmix_netfile_value (&tensor, 0, 0), ==,
        exponent ? (1 + fraction) * pow (2, (int) exponent - 15)
                 : fraction * pow (2, -14));
  }
}

static void
test_trained (void)
{
  const DmixNetModel *model = dmix_netmodel_trained ();

  g_assert_nonnull (model);
  g_assert_true (model == dmix_netmodel_trained ());
  g_assert_cmpuint (model->first.units, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add_func ("/netmodel/" name, test)
  ADD ("truncated", test_truncated);
  ADD ("damaged", test_damaged);
  ADD ("wrong-fields", test_wrong_fields);
  ADD ("wrong-sizes", test_wrong_sizes);
  ADD ("fuzz", test_fuzz);
  ADD ("halves", test_halves);
  ADD ("trained", test_trained);
#undef ADD
  return g_test_run ();
}
