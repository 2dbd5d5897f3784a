/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Order: the mix is encoded into a scratch file without a name; then the
 * container is edited (graft.h), so that nothing of it but the sound track can
 * change. A container of another kind is first copied into Matroska. */
#include "tools/remix.h"
#include "tools/chapters.h"
#include "tools/ending.h"
#include "tools/graft.h"
#include "tools/settings.h"
#include "tools/transmux.h"

#include <string.h>
#include <unistd.h>

#define ADDED_TITLE "Clear dialogue"

/* NULL for a name that is none of a video that can be written. */
static const DmixEnding *
video_of (const gchar *path)
{
  const DmixEnding *ending = dmix_ending_of (path);

  return ending && ending->kind != DMIX_KIND_SOUND
          && ending->kind != DMIX_KIND_OTHER
      ? ending
      : NULL;
}

static gboolean
check (const DmixJob *job, GError **error)
{
  static const gchar *const objects[] = { "film", "ducker", "level", "meter",
    NULL };
  static const gchar *const of_split[] = { "dialogue", "level", "meter", NULL };
  const gboolean split = g_str_equal (job->command, "dialogue");
  gboolean any = split;

  for (guint i = 0; i < job->inputs->len; i++)
    any |= ((DmixInput *) g_ptr_array_index (job->inputs, i))->role
        == DMIX_ROLE_DIALOGUE;
  if (!job->video || !job->output || !any) {
    dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
        split ? "write: dmix dialogue FILE --output FILE"
              : "write: dmix remix VIDEO --dialogue FILE --output FILE");
    return FALSE;
  }
  if (!video_of (job->output)) {
    dmix_error_set (error, DMIX_EXIT_INPUT, job->output,
        dmix_ending_of (job->output)
                && dmix_ending_of (job->output)->kind == DMIX_KIND_OTHER
            ? "this container is not written; write .mkv, and copy its streams "
              "into the other one (ffmpeg -i FILE.mkv -map 0 -c copy, with "
              "-c:a "
              "aac for the sound)"
            : "no video container is known by this ending; use .mp4 .m4v .mov "
              ".mkv .webm .ts or .m2ts");
    return FALSE;
  }
  return dmix_settings_check (job, split ? of_split : objects, error);
}

/* A fragmented MP4 is of another kind: it can only be copied. */
static DmixKind
kind_of (const gchar *path, gboolean *webm)
{
  const guint8 *data;
  gsize size;
  GMappedFile *file = dmix_graft_map (path, &data, &size, NULL);
  DmixKind kind = DMIX_KIND_OTHER;

  if (!file)
    return kind;
  if (dmix_mkv_is (data, size))
    kind = DMIX_KIND_MKV;
  else if (dmix_mp4_is (data, size) && !dmix_mp4_is_fragmented (data, size))
    kind = DMIX_KIND_MP4;
  else if (dmix_ts_is (data, size))
    kind = DMIX_KIND_TS;
  *webm = kind == DMIX_KIND_MKV
      && g_strstr_len ((const gchar *) data, (gssize) MIN (size, 64), "webm");
  g_mapped_file_unref (file);
  return kind;
}

/* Number of the track in its container: the last part of the stream-id, which
 * for transport streams is the packet identifier in hexadecimal. */
static guint64
track_number (const DmixStream *stream, DmixKind kind)
{
  const gchar *last = strrchr (stream->id, '/');

  return g_ascii_strtoull (last ? last + 1 : stream->id, NULL,
      kind == DMIX_KIND_TS ? 16 : 10);
}

/* TRUE where the film's own container is edited; else it is copied first. */
static gboolean
is_edited (const DmixJob *job, const DmixPlan *plan, DmixKind film,
    gboolean film_is_webm)
{
  const DmixPart *part = g_ptr_array_index (plan->parts, 0);
  const DmixEnding *ending = video_of (job->output);
  guint stride;

  if (film != ending->kind)
    return FALSE;
  if (film == DMIX_KIND_TS)
    return dmix_ts_can_edit (job->video, track_number (part->stream, film),
               &stride)
        && (stride != 188) == ending->m2ts;
  return film_is_webm || !ending->webm;
}

/* AAC has names for these layouts only; others would come back as another one
 * (quad as 4.0). */
static gboolean
aac_has (const GstAudioInfo *format)
{
  static const guint64 masks[] = { 0x3, 0x7, 0x107, 0x37, 0x607, 0x3f, 0x60f,
    0xff };
  guint64 mask = 0;

  if (format->channels == 1)
    return TRUE;
  gst_audio_channel_positions_to_mask (format->position, format->channels,
      FALSE, &mask);
  for (gsize i = 0; i < G_N_ELEMENTS (masks); i++)
    if (masks[i] == mask)
      return TRUE;
  return FALSE;
}

static const gchar *
choose_codec (const DmixJob *job, const DmixPlan *plan, DmixSay *say)
{
  const DmixEnding *ending = video_of (job->output);
  const gchar *codec = job->codec ? job->codec : ending->codec;
  const gboolean ts = ending->kind == DMIX_KIND_TS;

  if (!g_str_equal (codec, "aac") || aac_has (&plan->format))
    return codec;
  dmix_say_warning (say,
      "AAC has no name for the channel layout of the film; the sound becomes "
      "%s",
      ts ? "AC-3" : "FLAC");
  return ts ? "ac3" : "flac";
}

static gboolean
check_codec (const gchar *codec, const DmixEnding *ending, GError **error)
{
  static const gchar *const of_kind[][5] = {
    [DMIX_KIND_MP4] = { "aac", "flac", "opus", NULL },
    [DMIX_KIND_MKV] = { "flac", "opus", "aac", "ac3", NULL },
    [DMIX_KIND_TS] = { "aac", "ac3", NULL },
  };
  static const gchar *const of_webm[] = { "opus", NULL };
  const gchar *const *list = ending->webm ? of_webm : of_kind[ending->kind];
  gchar *text;

  if (g_strv_contains (list, codec))
    return TRUE;
  text = g_strjoinv (" ", (gchar **) list);
  dmix_error_set (error, DMIX_EXIT_INPUT, NULL, "--codec %s: %s holds %s",
      codec, ending->ending, text);
  g_free (text);
  return FALSE;
}

/* Where the film's time 0 is by the clock of the container to be edited. A
 * copy has another clock than the film. */
static gboolean
set_clock (const DmixJob *job, const DmixPlan *plan, DmixKind film,
    DmixGraft *graft, GError **error)
{
  const DmixKind kind = video_of (job->output)->kind;
  gint64 first = 0, before = (gint64) plan->zero;

  if (kind == DMIX_KIND_MP4 && !graft->dress)
    return TRUE;
  if (kind == DMIX_KIND_MKV
      && !dmix_mkv_first_picture (graft->path, &first, error))
    return FALSE;
  if (kind == DMIX_KIND_MP4) {
    if (!dmix_mp4_first_picture (graft->path, &first, error)
        || (film == DMIX_KIND_MKV
            && !dmix_mkv_first_picture (job->video, &before, error)))
      return FALSE;
    graft->shift_ns = MAX (before - first, 0);
    first += graft->shift_ns;
  }
  graft->origin_ns = first - (gint64) plan->zero;
  return TRUE;
}

static gboolean
edit (DmixKind kind, const DmixGraft *graft, GError **error)
{
  return kind == DMIX_KIND_MKV ? dmix_mkv_graft (graft, error)
      : kind == DMIX_KIND_MP4  ? dmix_mp4_graft (graft, error)
                               : dmix_ts_graft (graft, error);
}

/* The default of its kind; where a film says of none, pictures and sound are all
 * played. A transport stream says nothing. */
static gboolean
is_played (const gchar *film, const GPtrArray *tracks, const DmixStream *stream,
    DmixKind kind)
{
  if (kind == DMIX_KIND_TS || dmix_stream_is_default (film, stream))
    return TRUE;
  if (stream->kind == DMIX_STREAM_TEXT)
    return FALSE;
  for (guint i = 0; i < tracks->len; i++) {
    const DmixStream *other = g_ptr_array_index (tracks, i);

    if (other->kind == stream->kind && dmix_stream_is_default (film, other))
      return FALSE;
  }
  return TRUE;
}

/* What the copy has lost, from the film: streams of the tracks. */
static void
dress_init (DmixDress *dress, const DmixProbe *probe, const GPtrArray *tracks,
    DmixKind kind)
{
  dress->chapters = dmix_chapters_read (probe->path);
  dress->cover = probe->tags;
  dress->titles = g_ptr_array_new_with_free_func (g_free);
  dress->are_defaults = g_array_new (FALSE, FALSE, sizeof (gboolean));
  for (guint i = 0; i < tracks->len; i++) {
    const DmixStream *stream = g_ptr_array_index (tracks, i);
    const gboolean is_default = is_played (probe->path, tracks, stream, kind);
    gchar *title = NULL;

    if (stream->tags)
      gst_tag_list_get_string (stream->tags, GST_TAG_TITLE, &title);
    g_ptr_array_add (dress->titles, title);
    g_array_append_val (dress->are_defaults, is_default);
  }
}

static void
dress_clear (DmixDress *dress)
{
  g_clear_pointer (&dress->chapters, g_ptr_array_unref);
  g_clear_pointer (&dress->titles, g_ptr_array_unref);
  g_clear_pointer (&dress->are_defaults, g_array_unref);
}

/* copy: how the film is copied into a container of the output's kind, or NULL
 * where its own is edited. */
static gboolean
write_container (const DmixJob *job, const DmixPlan *plan, DmixContext *context,
    DmixKind film, const DmixTransmux *copy, DmixOutput *output,
    DmixTrack *track, GError **error)
{
  const DmixPart *part = g_ptr_array_index (plan->parts, 0);
  gchar *copied = NULL;
  gint scratch = -1;
  gboolean good = TRUE;
  GPtrArray *tracks = g_ptr_array_new ();
  DmixDress dress = { NULL };
  DmixGraft graft = { .path = job->video,
    .out = dmix_output_fd (output),
    .track = track,
    .replace = track_number (part->stream, film),
    .dress = copy ? &dress : NULL,
    .add = job->add,
    .drop_others = job->drop_others };

  if (copy) {
    scratch = dmix_output_scratch (output, error);
    graft.path = copied = g_strdup_printf ("/proc/self/fd/%d", scratch);
    good = scratch >= 0
        && dmix_transmux (copy, scratch, context, &graft.replace, tracks,
            error);
    dress_init (&dress, part->probe, tracks, film);
  }
  good = good && set_clock (job, plan, film, &graft, error)
      && edit (video_of (job->output)->kind, &graft, error);
  if (scratch >= 0)
    close (scratch);
  dress_clear (&dress);
  g_ptr_array_unref (tracks);
  g_free (copied);
  return good;
}

static gboolean
make_track (const DmixJob *job, const DmixPlan *plan, DmixContext *context,
    DmixTrack *track, DmixResult *result, GError **error)
{
  GstElement *sink =
      dmix_track_sink (track, job->bitrate, &plan->format, error);

  track->title = job->title ? g_strdup (job->title)
      : job->add            ? g_strdup (ADDED_TITLE)
                            : NULL;
  return sink && dmix_mix_play (job, plan, context, sink, result, error)
      && dmix_track_complete (track, result->frames, &plan->format, error);
}

static gboolean
has_picture (const DmixPlan *plan, GError **error)
{
  const DmixPart *film = g_ptr_array_index (plan->parts, 0);

  if (dmix_probe_first (film->probe, DMIX_STREAM_VIDEO))
    return TRUE;
  dmix_error_set (error, DMIX_EXIT_INPUT, film->probe->path,
      "there is no video in it; `dmix mix` mixes sound alone");
  return FALSE;
}

gboolean
dmix_dialogue (const DmixJob *job, DmixContext *context, GError **error)
{
  const DmixEnding *ending = job->output ? dmix_ending_of (job->output) : NULL;

  if (job->output && (!ending || ending->kind == DMIX_KIND_SOUND))
    return dmix_mix_to_file (job, context, error);
  return dmix_remix (job, context, error);
}

/* The film is known: mix, encode, write. */
static gboolean
remix (const DmixJob *job, const DmixPlan *plan, DmixContext *context,
    GError **error)
{
  const DmixPart *part = g_ptr_array_index (plan->parts, 0);
  const DmixEnding *ending = video_of (job->output);
  gboolean webm = FALSE;
  const DmixKind film = kind_of (job->video, &webm);
  const DmixTransmux copy = { part->probe, part->stream, film == DMIX_KIND_MKV,
    job->add, ending };
  const gboolean edited = is_edited (job, plan, film, webm);
  const gchar *codec = choose_codec (job, plan, context->say);
  g_autoptr (DmixOutput) output = NULL;
  g_autoptr (DmixTrack) track = NULL;
  DmixResult result = { 0 };
  gint scratch;

  if (!check_codec (codec, ending, error)
      || (!edited && !dmix_transmux_check (&copy, context->say, error))
      || !(output = dmix_output_new (job->output, error)))
    return FALSE;
  scratch = dmix_output_scratch (output, error);
  if (scratch < 0)
    return FALSE;
  track = dmix_track_new (codec, scratch);
  if (!make_track (job, plan, context, track, &result, error)
      || !write_container (job, plan, context, film, edited ? NULL : &copy,
          output, track, error)
      || !dmix_output_finish (output, error))
    return FALSE;
  dmix_mix_show (job, plan, context, &result);
  return TRUE;
}

gboolean
dmix_remix (const DmixJob *job, DmixContext *context, GError **error)
{
  const gchar **inputs = dmix_job_inputs (job);
  g_autoptr (DmixPlan) plan = NULL;
  gboolean good;

  good = check (job, error) && dmix_output_check (job->output, inputs, error);
  g_free (inputs);
  return good && (plan = dmix_plan_new (job, error))
      && has_picture (plan, error) && remix (job, plan, context, error);
}
