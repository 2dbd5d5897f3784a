/* dmixadr as an element: length, time, formats, messages, and what is refused.
 * How well it aligns is tested in tests/dsp and tests/quality. */
#include "../dsp/speechrig.h"

#include <gst/audio/audio.h>
#include <gst/check/gstcheck.h>
#include <string.h>

#define OFF "match-level=false match-eq=0 "

typedef struct
{
  const gfloat *samples;
  guint frames, channels, block;
  GstClockTime start;
} Input;

typedef struct
{
  GArray *samples;              /* interleaved */
  gint channels;
  GstClockTime start;
  guint lines, mismatched, warnings, summaries, map_points;
  GError *error;
  GstTagList *tags;
} Output;

/* The text, spoken; the same for each seed and rate. */
static gfloat *
speak (guint32 seed, const gdouble * tempo, gint rate, guint * frames)
{
  const RigText text = rig_text (seed);
  double start[RIG_SYLLABLES + 1];
  size_t count;
  gfloat *samples = rig_speak (&text, tempo, 120.0, rate, start, &count);

  for (size_t i = 0; i < count; i++)
    samples[i] += 0.0f;         /* -0 becomes 0, as in the element */
  *frames = count;
  return samples;
}

/* Frames of 0.1 s, or of input->block, and EOS. */
static void
feed (GstElement * pipeline, const gchar * name, const Input * input,
    gint rate)
{
  GstElement *source = gst_bin_get_by_name (GST_BIN (pipeline), name);
  const guint block = input->block ? input->block : (guint) rate / 10;
  GstFlowReturn ret;

  for (guint at = 0; at < input->frames; at += block) {
    const guint now = MIN (block, input->frames - at);
    const gsize size = (gsize) now * input->channels * sizeof (gfloat);
    GstBuffer *buffer = gst_buffer_new_and_alloc (size);

    gst_buffer_fill (buffer, 0, input->samples + at * input->channels, size);
    GST_BUFFER_PTS (buffer) = input->start
        + gst_util_uint64_scale (at, GST_SECOND, rate);
    GST_BUFFER_DURATION (buffer) =
        gst_util_uint64_scale (now, GST_SECOND, rate);
    g_signal_emit_by_name (source, "push-buffer", buffer, &ret);
    gst_buffer_unref (buffer);
  }
  g_signal_emit_by_name (source, "end-of-stream", &ret);
  gst_object_unref (source);
}

/* One output buffer: it follows the last one. */
static void
keep (GstElement * sink, GstBuffer * buffer, GstPad * pad, Output * output)
{
  GstCaps *caps = gst_pad_get_current_caps (pad);
  GstAudioInfo info;
  GstMapInfo map;
  guint64 frames;

  fail_unless (gst_audio_info_from_caps (&info, caps));
  gst_caps_unref (caps);
  output->channels = info.channels;
  frames = output->samples->len / info.channels;
  if (!GST_CLOCK_TIME_IS_VALID (output->start)) {
    output->start = GST_BUFFER_PTS (buffer);
    fail_unless (GST_BUFFER_IS_DISCONT (buffer));
  } else
    fail_if (GST_BUFFER_IS_DISCONT (buffer));
  fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer), output->start
      + gst_util_uint64_scale (frames, GST_SECOND, info.rate));
  fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer), frames);
  gst_buffer_map (buffer, &map, GST_MAP_READ);
  g_array_append_vals (output->samples, map.data,
      map.size / sizeof (gfloat));
  gst_buffer_unmap (buffer, &map);
}

static void
note_element_message (const GstStructure * structure, Output * output)
{
  gboolean speech, matched;

  if (gst_structure_has_name (structure, "dmixadr-summary"))
    output->summaries++;
  if (!gst_structure_has_name (structure, "dmixadr-line"))
    return;
  fail_unless (gst_structure_get (structure, "speech", G_TYPE_BOOLEAN, &speech,
          "matched", G_TYPE_BOOLEAN, &matched, NULL));
  output->lines++;
  output->mismatched += speech && !matched;
  if (gst_structure_has_field (structure, "map"))
    output->map_points += gst_value_array_get_size (gst_structure_get_value
        (structure, "map"));
}

/* Until EOS or an error. */
static void
follow (GstElement * pipeline, Output * output)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  gboolean more = TRUE;

  while (more) {
    GstMessage *message = gst_bus_timed_pop (bus, 60 * GST_SECOND);

    fail_unless (message != NULL, "no end");
    switch (GST_MESSAGE_TYPE (message)) {
      case GST_MESSAGE_ELEMENT:
        note_element_message (gst_message_get_structure (message), output);
        break;
      case GST_MESSAGE_WARNING:
        output->warnings++;
        break;
      case GST_MESSAGE_TAG:
        gst_clear_tag_list (&output->tags);
        gst_message_parse_tag (message, &output->tags);
        break;
      case GST_MESSAGE_ERROR:
        gst_message_parse_error (message, &output->error, NULL);
        more = FALSE;
        break;
      default:
        more = GST_MESSAGE_TYPE (message) != GST_MESSAGE_EOS;
    }
    gst_message_unref (message);
  }
  gst_object_unref (bus);
}

static void
output_init (Output * output)
{
  memset (output, 0, sizeof *output);
  output->samples = g_array_new (FALSE, FALSE, sizeof (gfloat));
  output->start = GST_CLOCK_TIME_NONE;
}

static void
output_clear (Output * output)
{
  g_array_unref (output->samples);
  g_clear_error (&output->error);
  gst_clear_tag_list (&output->tags);
}

static Output
replace (const gchar * settings, const Input * guide, const Input * take,
    gint rate)
{
  gchar *line = g_strdup_printf ("dmixadr name=a %s "
      "! fakesink name=out signal-handoffs=true sync=false "
      "appsrc name=guide format=time max-bytes=0 "
      "caps=audio/x-raw,format=F32LE,layout=interleaved,rate=%d,channels=%u,"
      "channel-mask=(bitmask)0x%x ! a.guide "
      "appsrc name=take format=time max-bytes=0 "
      "caps=audio/x-raw,format=F32LE,layout=interleaved,rate=%d,channels=%u,"
      "channel-mask=(bitmask)0x%x ! a.take", settings, rate, guide->channels,
      guide->channels == 1 ? 0 : (1 << guide->channels) - 1, rate,
      take->channels, take->channels == 1 ? 0 : (1 << take->channels) - 1);
  GstElement *pipeline = gst_parse_launch (line, NULL), *sink;
  Output output;

  fail_unless (pipeline != NULL, "%s", line);
  output_init (&output);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  g_signal_connect (sink, "handoff", G_CALLBACK (keep), &output);
  gst_object_unref (sink);
  feed (pipeline, "guide", guide, rate);
  feed (pipeline, "take", take, rate);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  follow (pipeline, &output);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  g_free (line);
  return output;
}

/* The guide as the take, nothing matched: the same bits, at every rate, and
 * the same for any blocks. */
GST_START_TEST (test_same)
{
  const gint rates[] = { 8000, 16000, 44100, 48000, 96000, 192000 };

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    guint frames;
    gfloat *samples = speak (1, NULL, rates[r], &frames);
    const Input guide = { samples, frames, 1, 0, 0 };
    const Input take = { samples, frames, 1, 777, 0 };
    Output output = replace (OFF, &guide, &take, rates[r]);

    fail_unless (!output.error && output.warnings == 0);
    fail_unless_equals_int (output.samples->len, frames);
    fail_unless (!memcmp (output.samples->data, samples,
            frames * sizeof (gfloat)), "at %d Hz", rates[r]);
    fail_unless_equals_int (output.summaries, 1);
    output_clear (&output);
    g_free (samples);
  }
}
GST_END_TEST

static gfloat *
spread (const gfloat * mono, guint frames, guint channels)
{
  gfloat *out = g_new (gfloat, frames * channels);

  for (guint i = 0; i < frames; i++)
    for (guint c = 0; c < channels; c++)
      out[i * channels + c] = mono[i] / (c + 1);
  return out;
}

/* The guide's length and the take's channels, whatever those are. */
GST_START_TEST (test_channels)
{
  const guint counts[][2] = { {1, 2}, {2, 1}, {6, 2}, {2, 6}, {1, 1} };
  gdouble tempo[RIG_SYLLABLES];
  guint na, nb;
  gfloat *a, *b;

  for (guint s = 0; s < RIG_SYLLABLES; s++)
    tempo[s] = 1.1;
  a = speak (2, NULL, 16000, &na);
  b = speak (2, tempo, 16000, &nb);
  for (guint k = 0; k < G_N_ELEMENTS (counts); k++) {
    gfloat *many_a = spread (a, na, counts[k][0]);
    gfloat *many_b = spread (b, nb, counts[k][1]);
    const Input guide = { many_a, na, counts[k][0], 0, 0 };
    const Input take = { many_b, nb, counts[k][1], 0, 0 };
    Output output = replace ("room-tone=gaps", &guide, &take, 16000);

    fail_unless (!output.error && output.mismatched == 0);
    fail_unless_equals_int (output.channels, counts[k][1]);
    fail_unless_equals_int (output.samples->len, na * counts[k][1]);
    output_clear (&output);
    g_free (many_a);
    g_free (many_b);
  }
  g_free (a);
  g_free (b);
}
GST_END_TEST

/* All channels of the take are spliced at the same frames: they stay what
 * they were to each other. */
GST_START_TEST (test_one_warp)
{
  gdouble tempo[RIG_SYLLABLES];
  guint na, nb;
  gfloat *a, *b, *two;
  Output output;

  for (guint s = 0; s < RIG_SYLLABLES; s++)
    tempo[s] = 1.15;
  a = speak (3, NULL, 16000, &na);
  b = speak (3, tempo, 16000, &nb);
  two = g_new (gfloat, 2 * nb);
  for (guint i = 0; i < nb; i++) {
    two[2 * i] = b[i];
    two[2 * i + 1] = -0.5f * b[i];
  }
  output = replace (OFF, &(Input) {a, na, 1, 0, 0}, &(Input) {two, nb, 2, 0,
        0}, 16000);
  fail_unless_equals_int (output.samples->len, 2 * na);
  for (guint i = 0; i < na; i++)
    fail_unless (g_array_index (output.samples, gfloat, 2 * i + 1)
        == -0.5f * g_array_index (output.samples, gfloat, 2 * i));
  output_clear (&output);
  g_free (a);
  g_free (b);
  g_free (two);
}
GST_END_TEST

/* Either may end first, or have nothing: as long as the guide, to the frame;
 * without any guide nothing comes out. */
GST_START_TEST (test_lengths)
{
  guint frames;
  gfloat *samples = speak (4, NULL, 16000, &frames);
  const guint lengths[] = { 0, 1, 799, 16000, frames };

  for (guint g = 0; g < G_N_ELEMENTS (lengths); g++)
    for (guint t = 0; t < G_N_ELEMENTS (lengths); t++) {
      const Input guide = { samples, lengths[g], 1, 0, 0 };
      const Input take = { samples, lengths[t], 1, 0, 0 };
      Output output = replace ("room-tone=full", &guide, &take, 16000);

      fail_unless (!output.error);
      fail_unless_equals_int (output.samples->len, lengths[g]);
      output_clear (&output);
    }
  g_free (samples);
}
GST_END_TEST

/* The guide's timestamps; a take with later ones is as much later. */
GST_START_TEST (test_timestamps)
{
  guint frames;
  gfloat *samples = speak (5, NULL, 16000, &frames);
  const guint late = 4800;      /* 0.3 s */
  const Input guide = { samples, frames, 1, 0, 5 * GST_SECOND };
  const Input take = { samples + late, frames - late, 1, 0, 5 * GST_SECOND
        + 300 * GST_MSECOND };
  Output output = replace (OFF, &guide, &take, 16000);

  fail_unless (!output.error && output.mismatched == 0);
  fail_unless_equals_uint64 (output.start, 5 * GST_SECOND);
  fail_unless_equals_int (output.samples->len, frames);
  fail_unless (!memcmp (&g_array_index (output.samples, gfloat, late),
          samples + late, (frames - late) * sizeof (gfloat)));
  output_clear (&output);
  g_free (samples);
}
GST_END_TEST

/* A hole in the guide's timestamps is silence of that length. */
GST_START_TEST (test_hole)
{
  GstElement *pipeline, *sink;
  Output output;

  output_init (&output);
  pipeline = gst_parse_launch ("dmixadr name=a ! fakesink name=out "
      "signal-handoffs=true sync=false appsrc name=guide format=time "
      "caps=audio/x-raw,format=F32LE,layout=interleaved,rate=8000,channels=1 "
      "! a.guide appsrc name=take format=time caps=audio/x-raw,format=F32LE,"
      "layout=interleaved,rate=8000,channels=1 ! a.take", NULL);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  g_signal_connect (sink, "handoff", G_CALLBACK (keep), &output);
  gst_object_unref (sink);
  for (guint s = 0; s < 2; s++) {
    GstElement *source = gst_bin_get_by_name (GST_BIN (pipeline),
        s ? "take" : "guide");
    GstFlowReturn ret;

    for (guint b = 0; b < 2; b++) {
      GstBuffer *buffer = gst_buffer_new_and_alloc (8000 * sizeof (gfloat));

      gst_buffer_memset (buffer, 0, 0, 8000 * sizeof (gfloat));
      GST_BUFFER_PTS (buffer) = b * 3 * GST_SECOND;
      g_signal_emit_by_name (source, "push-buffer", buffer, &ret);
      gst_buffer_unref (buffer);
    }
    g_signal_emit_by_name (source, "end-of-stream", &ret);
    gst_object_unref (source);
  }
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  follow (pipeline, &output);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  fail_unless_equals_int (output.samples->len, 4 * 8000);
  output_clear (&output);
}
GST_END_TEST

/* The wrong words: a warning for the line, and what was asked for. */
GST_START_TEST (test_mismatch)
{
  guint na, nb;
  gfloat *a = speak (6, NULL, 16000, &na), *b = speak (7, NULL, 16000, &nb);
  const Input guide = { a, na, 1, 0, 0 }, take = { b, nb, 1, 0, 0 };
  Output output = replace (OFF "on-mismatch=mute", &guide, &take, 16000);

  fail_unless (!output.error && output.mismatched > 0);
  fail_unless_equals_int (output.warnings, output.mismatched);
  fail_unless_equals_int (output.samples->len, na);
  for (guint i = 0; i < na; i++)
    fail_unless (g_array_index (output.samples, gfloat, i) == 0.0f);
  output_clear (&output);

  output = replace (OFF "on-mismatch=guide", &guide, &take, 16000);
  fail_unless (!memcmp (output.samples->data, a, na * sizeof (gfloat)));
  output_clear (&output);

  /* one piece of the take, as it is */
  output = replace (OFF "on-mismatch=shift max-shift=0", &guide, &take, 16000);
  fail_unless (output.mismatched > 0 && output.warnings > 0);
  output_clear (&output);

  output = replace (OFF "on-mismatch=error", &guide, &take, 16000);
  fail_unless (g_error_matches (output.error, GST_STREAM_ERROR,
          GST_STREAM_ERROR_FAILED));
  output_clear (&output);
  g_free (a);
  g_free (b);
}
GST_END_TEST

/* analyse-only: the take as it is, and the messages. */
GST_START_TEST (test_analyse_only)
{
  gdouble tempo[RIG_SYLLABLES];
  guint na, nb;
  gfloat *a, *b;
  Output output;

  for (guint s = 0; s < RIG_SYLLABLES; s++)
    tempo[s] = 1.1;
  a = speak (8, NULL, 16000, &na);
  b = speak (8, tempo, 16000, &nb);
  output = replace ("analyse-only=true post-map=true room-tone=full",
      &(Input) {a, na, 1, 0, 0}, &(Input) {b, nb, 1, 0, 0}, 16000);
  fail_unless (output.lines > 0 && output.mismatched == 0);
  fail_unless (!memcmp (output.samples->data, b, na * sizeof (gfloat)));
  /* a point each 5 ms of the guide, rounded up by what the last line has */
  fail_unless (ABS ((gint) output.map_points - (gint) (na / 80)) <= 1);
  output_clear (&output);
  g_free (a);
  g_free (b);
}
GST_END_TEST

/* Live inputs are refused, with the reason. */
GST_START_TEST (test_live)
{
  GstElement *pipeline = gst_parse_launch ("dmixadr name=a ! fakesink "
      "audiotestsrc is-live=true ! a.guide audiotestsrc is-live=true ! a.take",
      NULL);
  Output output;

  output_init (&output);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  follow (pipeline, &output);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  fail_unless (g_error_matches (output.error, GST_RESOURCE_ERROR,
          GST_RESOURCE_ERROR_SETTINGS));
  fail_unless (strstr (output.error->message, "live") != NULL);
  output_clear (&output);
}
GST_END_TEST

/* The guide's tags, not the take's. */
GST_START_TEST (test_tags)
{
  GstElement *pipeline = gst_parse_launch ("dmixadr name=a ! fakesink "
      "audiotestsrc num-buffers=20 ! taginject tags=title=scene ! a.guide "
      "audiotestsrc num-buffers=20 ! taginject tags=title=take ! a.take", NULL);
  gchar *title = NULL;
  Output output;

  output_init (&output);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  follow (pipeline, &output);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  fail_unless (!output.error && output.tags);
  fail_unless (gst_tag_list_get_string (output.tags, GST_TAG_TITLE, &title));
  fail_unless_equals_string (title, "scene");
  g_free (title);
  output_clear (&output);
}
GST_END_TEST

/* Lists of times: kept as they are if they are some, else refused. */
GST_START_TEST (test_lists)
{
  GstElement *adr = gst_check_setup_element ("dmixadr");
  const gchar *wrong[] = { "x", "1", "1-", "1:2", "-1-2", "1-2;3-4", "1-2,",
    "1-nan"
  };
  gchar *text;

  g_object_set (adr, "protect", "1.5-2.25, 7-9", NULL);
  for (guint w = 0; w < G_N_ELEMENTS (wrong); w++) {
    if (g_str_equal (wrong[w], "1-2,"))
      continue;                 /* a comma too many does no harm */
    g_object_set (adr, "protect", wrong[w], NULL);
    g_object_get (adr, "protect", &text, NULL);
    fail_unless_equals_string (text, "1.5-2.25, 7-9");
    g_free (text);
  }
  g_object_set (adr, "protect", "", "sync-points", "1:1.2,3:3.4", NULL);
  g_object_get (adr, "protect", &text, NULL);
  fail_unless_equals_string (text, "");
  g_free (text);
  g_object_get (adr, "sync-points", &text, NULL);
  fail_unless_equals_string (text, "1:1.2,3:3.4");
  g_free (text);
  gst_check_teardown_element (adr);
}
GST_END_TEST

/* Seeks and a second run, from the same element. */
GST_START_TEST (test_again)
{
  GstElement *pipeline = gst_parse_launch ("dmixadr name=a ! fakesink name=out "
      "sync=false signal-handoffs=true audiotestsrc num-buffers=100 ! a.guide "
      "audiotestsrc num-buffers=100 ! a.take", NULL), *sink;

  sink = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  for (guint run = 0; run < 3; run++) {
    Output output;

    output_init (&output);
    g_signal_connect (sink, "handoff", G_CALLBACK (keep), &output);
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    follow (pipeline, &output);
    gst_element_set_state (pipeline, GST_STATE_NULL);
    fail_unless (!output.error);
    fail_unless_equals_int (output.samples->len, 100 * 1024);
    g_signal_handlers_disconnect_by_data (sink, &output);
    output_clear (&output);
  }
  gst_object_unref (sink);
  gst_object_unref (pipeline);
}
GST_END_TEST

static Suite *
dmixadr_suite (void)
{
  Suite *s = suite_create ("dmixadr");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_test (tc, test_same);
  tcase_add_test (tc, test_channels);
  tcase_add_test (tc, test_one_warp);
  tcase_add_test (tc, test_lengths);
  tcase_add_test (tc, test_timestamps);
  tcase_add_test (tc, test_hole);
  tcase_add_test (tc, test_mismatch);
  tcase_add_test (tc, test_analyse_only);
  tcase_add_test (tc, test_live);
  tcase_add_test (tc, test_tags);
  tcase_add_test (tc, test_lists);
  tcase_add_test (tc, test_again);
  return s;
}

GST_CHECK_MAIN (dmixadr)
