/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixadr in a pipeline: two inputs that are given whole, and all that comes
 * out: sound, messages, the end. */
#ifndef ADR_RIG_H
#define ADR_RIG_H

#include <gst/audio/audio.h>
#include <gst/check/gstcheck.h>

#define ADR_OFF "match-level=false match-eq=0 "

typedef struct
{
  const gfloat *samples; /* interleaved */
  guint frames, channels;
  guint block; /* frames of a buffer; 0: 0.1 s */
  GstClockTime start;
} AdrInput;

typedef struct
{
  gint rate, channels;
  GArray *samples; /* interleaved */
  GstClockTime start;
  guint buffers, gaps;
  GPtrArray *lines;      /* GstStructure: dmixadr-line */
  GstStructure *summary; /* the last dmixadr-summary */
  guint summaries, mismatched, warnings, map_points;
  GArray *map;                /* gdouble, s: those of all lines */
  gdouble confidence, offset; /* the element's properties at the end */
  GError *error;
  gchar *warning; /* the last one, with its details */
  GstTagList *tags;
} AdrOutput;

void adr_output_init (AdrOutput *output);
void adr_output_clear (AdrOutput *output);

/* Handler of fakesink's handoff: each buffer follows the one before, exactly;
 * one that says it is a gap is silent. */
void adr_keep (GstElement *sink, GstBuffer *buffer, GstPad *pad,
    AdrOutput *output);

/* Reads the bus until EOS or an error; fails after 60 s. */
void adr_follow (GstElement *pipeline, AdrOutput *output);

/* settings: "property=value ..." of the element. */
AdrOutput adr_replace (const gchar *settings, const AdrInput *guide,
    const AdrInput *take, gint rate);

/* The same words at ADR_RATE, the take slower by a factor. */
#define ADR_RATE 16000
typedef struct
{
  gfloat *guide, *take;
  guint guide_frames, take_frames;
} AdrPair;

AdrPair adr_pair_new (guint32 seed, gdouble slower);
void adr_pair_clear (AdrPair *pair);

/* No error, and as long as the guide. */
AdrOutput adr_pair_run (const AdrPair *pair, const gchar *settings);

/* A field of a dmixadr-line. */
gdouble adr_number (const AdrOutput *output, guint line, const gchar *field);

/* The text of speechrig.h, spoken; the same for each seed and rate. Each
 * syllable is stretched by tempo, NULL: 1. Free it. */
gfloat *adr_speak (guint32 seed, const gdouble *tempo, gint rate,
    guint *frames);
/* All of it stretched by one factor. */
gfloat *adr_speak_slower (guint32 seed, gdouble factor, gint rate,
    guint *frames);

/* Channel c is the sound by 1 / (c + 1). Free it. */
gfloat *adr_spread (const gfloat *mono, guint frames, guint channels);

#endif
