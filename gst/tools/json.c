/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Names are those of DmixJob with '-' for '_'; what has its default is left
 * out, so that the text of a job stays when a later version knows more. */
#include "tools/json.h"

#include <math.h>
#include <string.h>

static JsonNode *value_node (const GValue *value);

static JsonNode *
array_node (const GValue *value)
{
  JsonArray *array = json_array_new ();
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);

  if (GST_VALUE_HOLDS_ARRAY (value)) {
    for (guint i = 0; i < gst_value_array_get_size (value); i++)
      json_array_add_element (array,
          value_node (gst_value_array_get_value (value, i)));
  } else {
    for (guint i = 0; i < gst_value_list_get_size (value); i++)
      json_array_add_element (array,
          value_node (gst_value_list_get_value (value, i)));
  }
  json_node_take_array (node, array);
  return node;
}

static JsonNode *
number_node (gdouble number)
{
  if (!isfinite (number))
    return json_node_new (JSON_NODE_NULL);
  return json_node_init_double (json_node_alloc (), number);
}

void
dmix_json_set_number (JsonObject *object, const gchar *name, gdouble number)
{
  json_object_set_member (object, name, number_node (number));
}

static JsonNode *
value_node (const GValue *value)
{
  GValue as = G_VALUE_INIT;
  JsonNode *node;

  if (GST_VALUE_HOLDS_ARRAY (value) || GST_VALUE_HOLDS_LIST (value))
    return array_node (value);
  if (G_VALUE_HOLDS (value, GST_TYPE_STRUCTURE)) {
    node = json_node_new (JSON_NODE_OBJECT);
    json_node_take_object (node, dmix_json_object (g_value_get_boxed (value)));
    return node;
  }
  if (G_VALUE_HOLDS_DOUBLE (value) || G_VALUE_HOLDS_FLOAT (value)) {
    g_value_init (&as, G_TYPE_DOUBLE);
    g_value_transform (value, &as);
    return number_node (g_value_get_double (&as));
  }
  if (G_VALUE_HOLDS_BOOLEAN (value))
    return json_node_init_boolean (json_node_alloc (),
        g_value_get_boolean (value));
  if (G_VALUE_HOLDS_STRING (value)) {
    gchar *text = g_value_get_string (value)
        ? dmix_printable (g_value_get_string (value))
        : NULL;

    node = text ? json_node_init_string (json_node_alloc (), text)
                : json_node_new (JSON_NODE_NULL);
    g_free (text);
    return node;
  }
  g_value_init (&as, G_TYPE_INT64);
  if (g_value_transform (value, &as))
    return json_node_init_int (json_node_alloc (), g_value_get_int64 (&as));
  return json_node_new (JSON_NODE_NULL);
}

JsonObject *
dmix_json_object (const GstStructure *structure)
{
  JsonObject *object = json_object_new ();

  for (gint i = 0; i < gst_structure_n_fields (structure); i++) {
    const gchar *name = gst_structure_nth_field_name (structure, i);

    json_object_set_member (object, name,
        value_node (gst_structure_get_value (structure, name)));
  }
  return object;
}

gchar *
dmix_json_to_text (JsonObject *object)
{
  JsonNode *node = json_node_init_object (json_node_alloc (), object);
  gchar *text = json_to_string (node, FALSE);

  json_node_unref (node);
  return text;
}

gchar *
dmix_json_from_structure (const GstStructure *structure)
{
  JsonObject *object = dmix_json_object (structure);
  gchar *text = dmix_json_to_text (object);

  json_object_unref (object);
  return text;
}

/*** jobs ***/

#define URI "file://"
#define PLACE(field) G_STRUCT_OFFSET (DmixJob, field)
#define AT(type, job, place) (*(type *) ((guchar *) (job) + (place)))

static const struct
{
  const gchar *name;
  gsize place;
  gboolean is_path;
} texts[] = {
  { "video", PLACE (video), TRUE },
  { "output", PLACE (output), TRUE },
  { "preset", PLACE (preset), FALSE },
  { "layout", PLACE (layout), FALSE },
  { "codec", PLACE (codec), FALSE },
  { "track", PLACE (track), FALSE },
  { "title", PLACE (title), FALSE },
  { "specification", PLACE (specification), FALSE },
  { "report", PLACE (report), TRUE },
};

static const struct
{
  const gchar *name;
  gsize place;
  gboolean is_flag;
} integers[] = {
  { "rate", PLACE (rate), FALSE },
  { "bitrate", PLACE (bitrate), FALSE },
  { "add", PLACE (add), TRUE },
  { "drop-others", PLACE (drop_others), TRUE },
  { "duck", PLACE (duck), TRUE },
};

static void
set_text (JsonObject *object, const gchar *name, const gchar *text,
    gboolean is_path)
{
  gchar *uri = NULL;

  if (!text)
    return;
  if (is_path
      && (!g_utf8_validate (text, -1, NULL) || g_str_has_prefix (text, URI)))
    uri = gst_filename_to_uri (text, NULL);
  json_object_set_string_member (object, name, uri ? uri : text);
  g_free (uri);
}

static gchar *
get_text (JsonObject *object, const gchar *name, gboolean is_path)
{
  const gchar *text =
      json_object_get_string_member_with_default (object, name, NULL);

  if (is_path && text && g_str_has_prefix (text, URI))
    return g_filename_from_uri (text, NULL, NULL);
  return g_strdup (text);
}

JsonObject *
dmix_json_from_job (const DmixJob *job)
{
  JsonObject *object = json_object_new ();
  JsonArray *inputs = json_array_new (), *settings = json_array_new ();

  json_object_set_string_member (object, "command", job->command);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    set_text (object, texts[i].name, AT (gchar *, job, texts[i].place),
        texts[i].is_path);
  for (guint i = 0; i < job->inputs->len; i++) {
    const DmixInput *input = g_ptr_array_index (job->inputs, i);
    gchar *role =
        g_strndup (input->name, strrchr (input->name, '_') - input->name);
    JsonObject *one = json_object_new ();

    json_object_set_string_member (one, "role", role);
    set_text (one, "path", input->path, TRUE);
    if (input->at_ns)
      json_object_set_int_member (one, "at-ns", input->at_ns);
    set_text (one, "track", input->track, FALSE);
    json_array_add_object_element (inputs, one);
    g_free (role);
  }
  json_object_set_array_member (object, "inputs", inputs);
  for (guint i = 0; i < job->settings->len; i++)
    json_array_add_string_element (settings,
        g_ptr_array_index (job->settings, i));
  json_object_set_array_member (object, "settings", settings);
  if (!isnan (job->loudness))
    json_object_set_double_member (object, "loudness", job->loudness);
  json_object_set_double_member (object, "ceiling", job->ceiling);
  for (gsize i = 0; i < G_N_ELEMENTS (integers); i++)
    if (AT (gint, job, integers[i].place)) {
      if (integers[i].is_flag)
        json_object_set_boolean_member (object, integers[i].name, TRUE);
      else
        json_object_set_int_member (object, integers[i].name,
            AT (gint, job, integers[i].place));
    }
  return object;
}

static gboolean
read_inputs (DmixJob *job, JsonArray *inputs, GError **error)
{
  for (guint i = 0; inputs && i < json_array_get_length (inputs); i++) {
    JsonNode *node = json_array_get_element (inputs, i);
    JsonObject *one =
        JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
    const gchar *role = one
        ? json_object_get_string_member_with_default (one, "role", NULL)
        : NULL;
    gchar *path = one ? get_text (one, "path", TRUE) : NULL;

    if (!role || !path) {
      dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
          "input %u of the job has no role or no path", i + 1);
      g_free (path);
      return FALSE;
    }
    dmix_job_add_input (job, role, path,
        json_object_get_int_member_with_default (one, "at-ns", 0),
        get_text (one, "track", FALSE));
  }
  return TRUE;
}

static JsonArray *
get_array (JsonObject *object, const gchar *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node)
                                              : NULL;
}

DmixJob *
dmix_json_to_job (JsonObject *object, GError **error)
{
  const gchar *command =
      json_object_get_string_member_with_default (object, "command", NULL);
  JsonArray *settings = get_array (object, "settings");
  DmixJob *job;

  if (!command) {
    dmix_error_set (error, DMIX_EXIT_INPUT, NULL, "the job has no command");
    return NULL;
  }
  job = dmix_job_new (command);
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    AT (gchar *, job, texts[i].place) =
        get_text (object, texts[i].name, texts[i].is_path);
  for (guint i = 0; settings && i < json_array_get_length (settings); i++)
    g_ptr_array_add (job->settings,
        g_strdup (json_array_get_string_element (settings, i)));
  if (json_object_has_member (object, "loudness"))
    job->loudness = json_object_get_double_member (object, "loudness");
  job->ceiling = json_object_get_double_member_with_default (object, "ceiling",
      job->ceiling);
  for (gsize i = 0; i < G_N_ELEMENTS (integers); i++)
    AT (gint, job, integers[i].place) = integers[i].is_flag
        ? json_object_get_boolean_member_with_default (object, integers[i].name,
            FALSE)
        : (gint) json_object_get_int_member_with_default (object,
            integers[i].name, 0);
  if (!read_inputs (job, get_array (object, "inputs"), error))
    g_clear_pointer (&job, dmix_job_free);
  return job;
}
