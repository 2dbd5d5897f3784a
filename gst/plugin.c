/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmix: the plugin and the elements that it registers. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "adr/gstdmixadr.h"
#include "bin/gstdmixbin.h"
#include "filters/gstdmixcomp.h"
#include "filters/gstdmixdenoise.h"
#include "filters/gstdmixdialogue.h"
#include "ducker/gstdmixducker.h"
#include "filters/gstdmixlevel.h"
#include "filters/gstdmixmeter.h"
#include "pan/gstdmixpan.h"
#include "pan/gstdmixpanmix.h"

GST_DEBUG_CATEGORY_STATIC (dmix_debug);
#define GST_CAT_DEFAULT dmix_debug

static gboolean
plugin_init (GstPlugin *plugin)
{
  gboolean registered = FALSE;

  GST_DEBUG_CATEGORY_INIT (dmix_debug, "dmix", 0, "the plugin");
  GST_DEBUG ("dmix %s, built for GStreamer %d.%d", VERSION, GST_VERSION_MAJOR,
      GST_VERSION_MINOR);
#if GST_CHECK_VERSION(1, 30, 0)
  gst_plugin_set_static_features_flag (plugin);
#endif
  registered |= GST_ELEMENT_REGISTER (dmixadr, plugin);
  registered |= GST_ELEMENT_REGISTER (dmixbin, plugin);
  registered |= GST_ELEMENT_REGISTER (dmixcomp, plugin);
  registered |= GST_ELEMENT_REGISTER (dmixdenoise, plugin);
  registered |= GST_ELEMENT_REGISTER (dmixdialogue, plugin);
  registered |= GST_ELEMENT_REGISTER (dmixducker, plugin);
  registered |= GST_ELEMENT_REGISTER (dmixlevel, plugin);
  registered |= GST_ELEMENT_REGISTER (dmixmeter, plugin);
  registered |= GST_ELEMENT_REGISTER (dmixpan, plugin);
  registered |= GST_ELEMENT_REGISTER (dmixpanmix, plugin);
  return registered;
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, dmix,
    "Balances dialogue against background ambience", plugin_init, VERSION,
    "LGPL", PACKAGE_NAME, PACKAGE_ORIGIN)
