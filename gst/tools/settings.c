/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/settings.h"
#include "tools/runner.h"

#include <math.h>
#include <string.h>

/* LU; phrases whose speech is less above its background are reported. */
#define HARD_TO_HEAR 10.0

/* Elements that can stand before the mix, in this order; the short form sets
 * this property: NAME::denoise=9. */
static const struct
{
  const gchar *kind, *factory, *property;
} steps[] = {
  { "gain", "volume", "volume" }, /* in dB here */
  { "denoise", "dmixdenoise", "reduction" },
  { "comp", "dmixcomp", "threshold" },
  { "level", "dmixlevel", "target" },
};

static gboolean
load_preset (GstElement *element, const gchar *preset, GError **error)
{
  gchar **names, *list;

  if (GST_IS_PRESET (element)
      && gst_preset_load_preset (GST_PRESET (element), preset))
    return TRUE;
  names = GST_IS_PRESET (element)
      ? gst_preset_get_preset_names (GST_PRESET (element))
      : NULL;
  list = names ? g_strjoinv (" ", names) : NULL;
  dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
      "%s has no preset '%s'; it has: %s",
      GST_OBJECT_NAME (gst_element_get_factory (element)), preset,
      list ? list : "none");
  g_free (list);
  g_strfreev (names);
  return FALSE;
}

static gboolean
set_property (GstElement *element, const gchar *name, const gchar *value,
    const gchar *setting, GError **error)
{
  GParamSpec *spec =
      g_object_class_find_property (G_OBJECT_GET_CLASS (element), name);
  GValue as = G_VALUE_INIT;
  gboolean good;

  if (g_str_equal (name, "preset"))
    return load_preset (element, value, error);
  if (!spec || !(spec->flags & G_PARAM_WRITABLE)) {
    dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
        "--set %s: %s has no property '%s'; gst-inspect-1.0 %s lists them",
        setting, GST_OBJECT_NAME (gst_element_get_factory (element)), name,
        GST_OBJECT_NAME (gst_element_get_factory (element)));
    return FALSE;
  }
  g_value_init (&as, spec->value_type);
  good = gst_value_deserialize_with_pspec (&as, value, spec)
      && !g_param_value_validate (spec, &as);
  if (good)
    g_object_set_property (G_OBJECT (element), name, &as);
  else
    dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
        "--set %s: '%s' is no value of '%s', or beyond its range; "
        "gst-inspect-1.0 %s shows it",
        setting, value, name,
        GST_OBJECT_NAME (gst_element_get_factory (element)));
  g_value_unset (&as);
  return good;
}

/* "OBJECT::NAME=VALUE" or "NAME=VALUE" in its parts; FALSE without a '='. */
static gboolean
split (const gchar *setting, gchar **object, gchar **name, gchar **value)
{
  const gchar *equals = strchr (setting, '=');
  const gchar *colons = strstr (setting, "::");

  if (!equals || equals == setting)
    return FALSE;
  if (colons && colons > equals)
    colons = NULL;
  *object = colons ? g_strndup (setting, colons - setting) : NULL;
  *name = colons ? g_strndup (colons + 2, equals - colons - 2)
                 : g_strndup (setting, equals - setting);
  *value = g_strdup (equals + 1);
  return TRUE;
}

gboolean
dmix_settings_apply (const DmixJob *job, GstElement *element,
    const gchar *object, gboolean is_main, GError **error)
{
  if (is_main && job->preset && !load_preset (element, job->preset, error))
    return FALSE;
  for (guint i = 0; i < job->settings->len; i++) {
    const gchar *setting = g_ptr_array_index (job->settings, i);
    gchar *whose, *name, *value;
    gboolean good = TRUE;

    if (!split (setting, &whose, &name, &value))
      continue; /* dmix_settings_check() has said so */
    if (whose ? g_str_equal (whose, object) : is_main)
      good = set_property (element, name, value, setting, error);
    g_free (whose);
    g_free (name);
    g_free (value);
    if (!good)
      return FALSE;
  }
  return TRUE;
}

/* Index of the step that "KIND" or "KIND.PROPERTY" names, or -1. */
static gint
step_of (const gchar *name, const gchar **property)
{
  for (guint k = 0; k < G_N_ELEMENTS (steps); k++) {
    const gsize length = strlen (steps[k].kind);

    if (strncmp (name, steps[k].kind, length) == 0
        && (name[length] == '\0' || name[length] == '.')) {
      *property = name[length] ? name + length + 1 : steps[k].property;
      return (gint) k;
    }
  }
  return -1;
}

static gboolean
set_step (GstElement *made[], const gchar *input, const gchar *setting,
    const gchar *name, const gchar *value, GError **error)
{
  const gchar *property;
  const gint k = step_of (name, &property);
  gchar *end, *own;
  gdouble gain;

  if (k < 0) {
    dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
        "--set %s: an input has gain, denoise, comp and level, and their "
        "properties as denoise.noise=learned",
        setting);
    return FALSE;
  }
  if (!made[k]) {
    made[k] = dmix_runner_make (steps[k].factory, error);
    if (!made[k])
      return FALSE;
    own = g_strdup_printf ("%s-%s", input, steps[k].kind);
    gst_object_set_name (GST_OBJECT (made[k]), own);
    g_free (own);
  }
  if (!g_str_equal (name, "gain"))
    return set_property (made[k], property, value, setting, error);
  gain = g_ascii_strtod (value, &end);
  if (!*value || *end || !(gain >= -60 && gain <= 20)) {
    dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
        "--set %s: a gain is -60 to 20 dB", setting);
    return FALSE;
  }
  g_object_set (made[k], "volume", pow (10, gain / 20), NULL);
  return TRUE;
}

static GstElement *
join (GstElement *made[])
{
  GstElement *bin = NULL, *first = NULL, *last = NULL;
  GstPad *pad;

  for (guint k = 0; k < G_N_ELEMENTS (steps); k++) {
    if (!made[k])
      continue;
    bin = bin ? bin : gst_bin_new (NULL);
    gst_bin_add (GST_BIN (bin), made[k]);
    if (last)
      gst_element_link (last, made[k]);
    first = first ? first : made[k];
    last = made[k];
  }
  if (!bin)
    return NULL;
  pad = gst_element_get_static_pad (first, "sink");
  gst_element_add_pad (bin, gst_ghost_pad_new ("sink", pad));
  gst_object_unref (pad);
  pad = gst_element_get_static_pad (last, "src");
  gst_element_add_pad (bin, gst_ghost_pad_new ("src", pad));
  gst_object_unref (pad);
  return bin;
}

gboolean
dmix_settings_chain (const DmixJob *job, const gchar *input, GstElement **bin,
    GError **error)
{
  GstElement *made[G_N_ELEMENTS (steps)] = { NULL };
  gboolean good = TRUE;

  for (guint i = 0; good && i < job->settings->len; i++) {
    const gchar *setting = g_ptr_array_index (job->settings, i);
    gchar *whose, *name, *value;

    if (!split (setting, &whose, &name, &value))
      continue;
    if (g_strcmp0 (whose, input) == 0)
      good = set_step (made, input, setting, name, value, error);
    g_free (whose);
    g_free (name);
    g_free (value);
  }
  *bin = good ? join (made) : NULL;
  return good;
}

static gboolean
is_known (const DmixJob *job, const gchar *const *objects, const gchar *whose)
{
  if (g_strv_contains (objects, whose))
    return TRUE;
  for (guint i = 0; i < job->inputs->len; i++) {
    const DmixInput *input = g_ptr_array_index (job->inputs, i);

    if (g_str_equal (input->name, whose))
      return TRUE;
  }
  return FALSE;
}

gboolean
dmix_settings_check (const DmixJob *job, const gchar *const *objects,
    GError **error)
{
  for (guint i = 0; i < job->settings->len; i++) {
    const gchar *setting = g_ptr_array_index (job->settings, i);
    gchar *whose = NULL, *name = NULL, *value = NULL;
    gboolean good = split (setting, &whose, &name, &value);

    if (!good) {
      dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
          "--set %s: write PROPERTY=VALUE or OBJECT::PROPERTY=VALUE", setting);
    } else if (whose && !is_known (job, objects, whose)) {
      gchar *list = g_strjoinv (" ", (gchar **) objects);

      dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
          "--set %s: there is no '%s'; there are: %s and the inputs, as "
          "dialogue_0",
          setting, whose, list);
      g_free (list);
      good = FALSE;
    }
    g_free (whose);
    g_free (name);
    g_free (value);
    if (!good)
      return FALSE;
  }
  return TRUE;
}

void
dmix_settings_watch_dialogue (GstElement *meter, gboolean phrases)
{
  gst_util_set_object_arg (G_OBJECT (meter), "dialogue", "both");
  if (phrases)
    g_object_set (meter, "hard-to-hear", HARD_TO_HEAR, NULL);
}
