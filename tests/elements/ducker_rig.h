/* A ducker between pads of the test: each input is fed from a thread of its
 * own, the output is kept. Not live, so that every run gives the same. */
#ifndef DUCKER_RIG_H
#define DUCKER_RIG_H

#include "tap_rig.h"

/* What most tests of the gain run with: steady down, quick up. */
#define RIG_FIXED "mode=fixed depth=12 lookahead=50 hold=100 release=50 "

/* A background of this value everywhere shows the gain. */
#define RIG_LEVEL 0.1f

typedef struct
{
  GstPad *pad;                  /* the test's src pad */
  GstPad *peer;                 /* the element's sink pad */
  gint rate, channels;          /* of what is queued */
  GQueue items;                 /* GstBuffer and GstEvent, in order */
  GThread *thread;
  GstFlowReturn flow;           /* of the last buffer */
  GstClockTime latency;         /* it tells when asked; NONE: not live */
  gint64 duration;              /* the same, ns; -1: does not know */
} RigInput;

typedef struct
{
  GstElement *element;
  GstBus *bus;
  GstPad *sink;
  Tap *out;                     /* what leaves the element */
  RigInput input[4];
  guint inputs;
} Rig;

/* settings: "property=value ..." of the element, or NULL */
Rig *rig_new (const gchar * settings);
void rig_free (Rig * rig);

/* Requests and links a pad, and queues stream-start, caps and segment. */
RigInput *rig_add (Rig * rig, const gchar * pad_name, gint rate,
    gint channels);

/* Caps with the usual positions for 1, 2 and 6 channels, else none. */
GstCaps *rig_caps (gint rate, gint channels);

/* Queues frames of sound, cut into blocks, from the running time of `first`
 * on. */
void rig_queue (RigInput * input, const gfloat * data, guint frames,
    guint block, guint first);
void rig_queue_gap (RigInput * input, guint frames, guint first);
void rig_queue_event (RigInput * input, GstEvent * event);
void rig_queue_caps (RigInput * input, gint rate, gint channels);
/* A segment in TIME from start to stop (NONE: open) at the running time base */
void rig_queue_segment (RigInput * input, GstClockTime start,
    GstClockTime stop, GstClockTime base);
void rig_queue_flush (RigInput * input, guint32 seqnum);

/* Starts the element, and sends what is queued. rig_join() waits until all of
 * one input is taken. */
void rig_feed (Rig * rig);
void rig_join (RigInput * input);
/* Sends from the thread of the test. */
void rig_send (RigInput * input);
/* Ends all inputs, sends all, waits for the end, checks that there was no hole
 * in the output. */
void rig_run (Rig * rig);

/* Waits for an error message; its text for developers, to be freed. */
gchar *rig_error (Rig * rig);
/* The structures of all element messages so far; to be unreffed. */
GPtrArray *rig_messages (Rig * rig);

guint rig_frames (Rig * rig);
gfloat rig_sample (Rig * rig, guint frame, gint channel);
const gfloat *rig_samples (Rig * rig);
/* Of a RIG_LEVEL background: the gain it left with. */
gdouble rig_gain_db (Rig * rig, guint frame);

gfloat *rig_noise (guint samples, gfloat peak, guint32 seed);
gfloat *rig_level (guint samples);

#endif
