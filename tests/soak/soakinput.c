/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What goes into the element: see soak.h. */
#include "soak.h"

#include <gst/audio/audio.h>
#include <math.h>

guint
soak_any (Run *run, guint count)
{
  return count ? g_rand_int_range (run->rand, 0, (gint) count) : 0;
}

gboolean
soak_one_in (Run *run, guint count)
{
  return soak_any (run, count) == 0;
}

static gfloat
sample_of (Run *run, guint kind, guint64 n)
{
  static const gfloat bad[] = { NAN, INFINITY, -INFINITY, 1e38f, 1e-42f,
    -0.0f };

  switch (kind) {
    case 0:
      return 0.0f;
    case 1:
      return soak_one_in (run, 50) ? bad[soak_any (run, G_N_ELEMENTS (bad))]
                                   : 0.1f;
    case 2:
      return 0.5f * (gfloat) sin (0.05 * (gdouble) n);
    case 3: /* syllables */
      return (gfloat) (g_rand_double_range (run->rand, -0.3, 0.3)
          * fmax (0.0, sin ((gdouble) n / run->rate * 20.0)));
    default:
      return (gfloat) g_rand_double_range (run->rand, -1, 1);
  }
}

static GstBuffer *
make_buffer (Run *run, guint64 first, guint frames, guint channels)
{
  const guint kind = soak_any (run, 6);
  gfloat *samples = g_new (gfloat, frames * channels);
  GstBuffer *buffer;

  for (guint i = 0; i < frames; i++)
    for (guint c = 0; c < channels; c++)
      samples[i * channels + c] = sample_of (run, kind, first + i);
  buffer =
      gst_buffer_new_wrapped (samples, frames * channels * sizeof (gfloat));
  if (kind == 0 && soak_one_in (run, 2))
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
  if (soak_one_in (run, 20))
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  return buffer;
}

static GstEvent *
make_caps (Run *run, guint channels)
{
  GstCaps *caps = gst_caps_new_simple ("audio/x-raw", "format", G_TYPE_STRING,
      GST_AUDIO_NE (F32), "layout", G_TYPE_STRING, "interleaved", "rate",
      G_TYPE_INT, run->rate, "channels", G_TYPE_INT, channels, NULL);
  GstEvent *event;

  if (channels > 1)
    gst_caps_set_simple (caps, "channel-mask", GST_TYPE_BITMASK,
        gst_audio_channel_get_fallback_mask ((gint) channels), NULL);
  event = gst_event_new_caps (caps);
  gst_caps_unref (caps);
  return event;
}

static GstEvent *
make_segment (void)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  return gst_event_new_segment (&segment);
}

/* Up to some 10 s of input, from running time 0 on. */
void
soak_write (Run *run, Input *input)
{
  const guint parts = 1 + soak_any (run, 60),
              most = soak_one_in (run, 3) ? 300 : 20000;
  guint channels = 1 + soak_any (run, 2);
  guint64 at = 0, last = 0;

  g_queue_push_tail (&input->items, make_caps (run, channels));
  g_queue_push_tail (&input->items, make_segment ());
  for (guint p = 0; p < parts; p++) {
    const guint frames = 1 + soak_any (run, most);
    const GstClockTime time = gst_util_uint64_scale (at, GST_SECOND, run->rate);
    GstBuffer *buffer;

    if (soak_one_in (run, 30)) {
      channels = 1 + soak_any (run, 6);
      g_queue_push_tail (&input->items, make_caps (run, channels));
    }
    if (soak_one_in (run, 15)) {
      g_queue_push_tail (&input->items,
          gst_event_new_gap (time,
              gst_util_uint64_scale (frames, GST_SECOND, run->rate)));
      at += frames;
      last = MAX (last, at);
      continue;
    }
    buffer = make_buffer (run, at, frames, channels);
    GST_BUFFER_PTS (buffer) = time;
    GST_BUFFER_DURATION (buffer) =
        gst_util_uint64_scale (frames, GST_SECOND, run->rate);
    if (!run->orderly && soak_one_in (run, 20))
      GST_BUFFER_PTS (buffer) += soak_any (run, GST_MSECOND);
    g_queue_push_tail (&input->items, buffer);
    at += frames;
    last = MAX (last, at);
    if (run->orderly)
      continue;
    if (soak_one_in (run, 20))
      at += soak_any (run, run->rate / 2); /* a hole */
    else if (soak_one_in (run, 40)) {
      const guint64 back = soak_any (run, run->rate / 4);

      at -= MIN (at, back);
    }
  }
  input->end = gst_util_uint64_scale (last, GST_SECOND, run->rate);
}

gpointer
soak_feed (gpointer data)
{
  Input *input = data;
  gpointer item;

  while ((item = g_queue_pop_head (&input->items)))
    if (GST_IS_EVENT (item))
      gst_pad_push_event (input->pad, item);
    else if (gst_pad_push (input->pad, item) != GST_FLOW_OK)
      break;
  return NULL;
}
