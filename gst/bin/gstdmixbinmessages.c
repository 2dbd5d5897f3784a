/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Messages that dmixbin posts. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "bin/gstdmixbinmessages.h"
#include "base/gstdmixlog.h"
#include "bin/gstdmixbinproposal.h"
#include "bin/gstdmixbinstrip.h"

GST_DMIX_LOG_CATEGORY ("dmixbinmessages", "messages of dmixbin");

gboolean
gst_dmix_bin_messages_gather (GstBin *bin, GstMessage *message,
    GstDmixBinReport *report, gboolean has_meter)
{
  const gchar *clock = has_meter ? "meter" : "ducker";
  const gchar *clock_message = has_meter ? "dmixmeter" : "dmixducker";
  const gchar *element, *name;
  gboolean is_clock;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ELEMENT
      || !GST_MESSAGE_SRC (message)
      || GST_OBJECT_PARENT (GST_MESSAGE_SRC (message)) != GST_OBJECT (bin))
    return FALSE;
  element = GST_OBJECT_NAME (GST_MESSAGE_SRC (message));
  name = gst_structure_get_name (gst_message_get_structure (message));
  if (!g_str_has_prefix (name, "dmix") || g_str_equal (name, "dmix-clock"))
    return FALSE;
  GST_LOG_OBJECT (bin, "%s of %s", name, element);
  is_clock = g_str_equal (element, clock) && g_str_equal (name, clock_message);
  gst_dmix_bin_report_keep (report, message);
  if (is_clock)
    gst_element_post_message (GST_ELEMENT (bin),
        gst_message_new_element (GST_OBJECT (bin),
            gst_dmix_bin_report_gather (report, clock, clock_message)));
  return TRUE;
}

void
gst_dmix_bin_messages_propose (GstBin *bin, GstDmixBinReport *report,
    const GstDmixBinValues *v, GList *strips)
{
  GList *names = NULL;

  for (GList *item = strips; item; item = item->next)
    names = g_list_append (names,
        GST_PAD_NAME (gst_dmix_bin_strip_get_pad (item->data)));
  gst_element_post_message (GST_ELEMENT (bin),
      gst_message_new_element (GST_OBJECT (bin),
          gst_dmix_bin_proposal_new (report, v, names)));
  g_list_free (names);
}
