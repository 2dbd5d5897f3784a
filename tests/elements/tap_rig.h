/* A tap on the pad that sound leaves from: keeps samples, formats and flow, and
 * watches that buffers follow each other without hole or overlap. */
#ifndef TAP_RIG_H
#define TAP_RIG_H

#include <gst/audio/audio.h>
#include <gst/check/gstcheck.h>

typedef struct
{
  GstPad *pad;
  gulong probe;

  /* what came out; the lock is for threads of the element */
  GMutex lock;
  GCond changed;
  GArray *samples;              /* gfloat, all since the start or a flush */
  GPtrArray *caps;              /* as strings, in order */
  gint rate, channels;
  GstSegment segment;
  guint64 next_frame;           /* offset expected next */
  guint buffers, gaps, flushes, segments;
  gboolean eos;
  gboolean contiguous;          /* offsets and timestamps without hole */
} Tap;

Tap *tap_new (GstPad * pad);
void tap_free (Tap * tap);

/* Both fail the test after 20 s. */
void tap_wait_eos (Tap * tap);
void tap_wait_frames (Tap * tap, guint64 frames);

guint tap_frames (Tap * tap);

/* Sets the pipeline to PLAYING and waits until it ends: fails on an error, with
 * its text, and after 20 s. It is then still PLAYING. */
void play_to_end (GstElement * pipeline);

#endif
