/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/mixplan.h"
#include "tools/encode.h"
#include "tools/source.h"

#define LEAST_RATE 44100 /* Hz, of a mix whose inputs are all lower */

static void
part_free (gpointer data)
{
  DmixPart *part = data;

  dmix_probe_free (part->probe);
  g_free (part);
}

void
dmix_plan_free (DmixPlan *plan)
{
  if (!plan)
    return;
  g_ptr_array_unref (plan->parts);
  g_free (plan);
}

static gboolean
add_part (DmixPlan *plan, const DmixInput *input, const gchar *name,
    const gchar *path, const gchar *track, GError **error)
{
  DmixPart *part = g_new0 (DmixPart, 1);

  g_ptr_array_add (plan->parts, part);
  part->input = input;
  part->name = name;
  part->probe = dmix_probe_new (path, error);
  if (!part->probe)
    return FALSE;
  part->stream = dmix_probe_audio (part->probe, track, error);
  return part->stream
      && dmix_source_format (path, part->stream, &part->format, error);
}

gboolean
dmix_part_is_background (const DmixPart *part)
{
  return !part->input || part->input->role == DMIX_ROLE_BACKGROUND;
}

/* A film keeps its rate and layout; else the highest rate counts, and the
 * layout of the widest background. */
static void
choose_format (const DmixJob *job, DmixPlan *plan)
{
  const DmixPart *widest = NULL;
  gint rate = 0;

  for (guint i = 0; i < plan->parts->len; i++) {
    const DmixPart *part = g_ptr_array_index (plan->parts, i);

    if (job->video ? !part->input : TRUE)
      rate = MAX (rate, part->format.rate);
    if (dmix_part_is_background (part)
        && (!widest
            || (!job->video
                && part->format.channels > widest->format.channels)))
      widest = part;
  }
  if (!job->video)
    rate = MAX (rate, LEAST_RATE);
  if (job->rate)
    rate = job->rate;
  if (widest && !GST_AUDIO_INFO_IS_UNPOSITIONED (&widest->format))
    gst_audio_info_set_format (&plan->format, GST_AUDIO_FORMAT_F32, rate,
        widest->format.channels, widest->format.position);
  else
    gst_audio_info_set_format (&plan->format, GST_AUDIO_FORMAT_F32, rate,
        widest ? widest->format.channels : 2, NULL);
}

/* Times of inputs are relative to the first picture of a film. */
static void
choose_times (const DmixJob *job, DmixPlan *plan)
{
  const DmixPart *film = g_ptr_array_index (plan->parts, 0);
  const DmixStream *picture =
      job->video ? dmix_probe_first (film->probe, DMIX_STREAM_VIDEO) : NULL;

  if (picture && GST_CLOCK_TIME_IS_VALID (picture->first))
    plan->zero = picture->first;
  for (guint i = 0; i < plan->parts->len; i++) {
    DmixPart *part = g_ptr_array_index (plan->parts, i);

    if (part->input)
      part->offset = plan->zero + part->input->at_ns;
    if (GST_CLOCK_TIME_IS_VALID (part->probe->duration))
      plan->duration =
          MAX (plan->duration, part->offset + part->probe->duration);
  }
  if (plan->duration == 0)
    plan->duration = GST_CLOCK_TIME_NONE;
}

DmixPlan *
dmix_plan_new (const DmixJob *job, GError **error)
{
  DmixPlan *plan = g_new0 (DmixPlan, 1);
  gboolean good = TRUE;

  plan->parts = g_ptr_array_new_with_free_func (part_free);
  if (job->video)
    good = add_part (plan, NULL, "film", job->video, job->track, error);
  for (guint i = 0; good && i < job->inputs->len; i++) {
    const DmixInput *input = g_ptr_array_index (job->inputs, i);

    good =
        add_part (plan, input, input->name, input->path, input->track, error);
  }
  if (good) {
    choose_format (job, plan);
    choose_times (job, plan);
    good =
        !job->layout || dmix_encode_layout (job->layout, &plan->format, error);
  }
  if (!good)
    g_clear_pointer (&plan, dmix_plan_free);
  return plan;
}
