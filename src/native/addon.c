/*
 * The addon as JavaScript sees it (Node-API, version 8):
 *   kernels: string[]       names of those that this processor runs, slowest first
 *   search(kernel, header: Uint8Array of 116, start: bigint, count: number from 0 to 2^32, target: Uint8Array of 32)
 *                           the first nonce that hits, or undefined
 *   verifier: string | null what verifies signatures
 *   verifyPacked(jobs: Uint8Array of n * 128): Uint8Array of n, 1 = good
 * It keeps nothing between calls but the list of kernels, which each environment has its own of: worker threads may load
 * it side by side. Arguments that do not fit throw a TypeError or RangeError. The bytes it is given are copied before
 * they are worked on, so that another thread cannot change them meanwhile.
 */
#include <node_api.h>
#include <stdlib.h>
#include <string.h>

#include "search.h"
#include "verify.h"

typedef struct {
  size_t count;
  kernel list[MAX_KERNELS];
} kernels;

/* After a failed call with no exception under way there is one: the caller returns null to JavaScript, which throws it. */
static napi_value fail(napi_env env) {
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (!pending) napi_throw_error(env, NULL, "the native addon could not talk to JavaScript");
  return NULL;
}

#define CHECK(call) \
  if ((call) != napi_ok) return fail(env)

static napi_value type_error(napi_env env, const char *message) {
  napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", message);
  return NULL;
}

static napi_value range_error(napi_env env, const char *message) {
  napi_throw_range_error(env, "ERR_OUT_OF_RANGE", message);
  return NULL;
}

/* The bytes of a Uint8Array (a Buffer is one), which stay JavaScript's. False when `value` is none. */
static bool bytes_of(napi_env env, napi_value value, const uint8_t **data, size_t *length) {
  bool typed = false;
  napi_typedarray_type type;
  void *at = NULL;
  if (napi_is_typedarray(env, value, &typed) != napi_ok || !typed) return false;
  if (napi_get_typedarray_info(env, value, &type, length, &at, NULL, NULL) != napi_ok || type != napi_uint8_array) return false;
  *data = at;
  return true;
}

/* `length` bytes of a Uint8Array of just that length, copied to `out`. */
static bool copy_bytes(napi_env env, napi_value value, uint8_t *out, size_t length) {
  const uint8_t *data;
  size_t found;
  if (!bytes_of(env, value, &data, &found) || found != length || data == NULL) return false;
  memcpy(out, data, length);
  return true;
}

static search_low_fn find_kernel(const kernels *all, const char *name) {
  for (size_t i = 0; i < all->count; i++) {
    if (strcmp(all->list[i].name, name) == 0) return all->list[i].search_low;
  }
  return NULL;
}

static napi_value js_search(napi_env env, napi_callback_info info) {
  napi_value arg[5], result;
  size_t given = 5, length;
  char name[32];
  uint8_t header[HEADER_BYTES], target[TARGET_BYTES];
  uint64_t start, hit;
  double count;
  bool lossless;
  kernels *all;
  CHECK(napi_get_cb_info(env, info, &given, arg, NULL, NULL));
  CHECK(napi_get_instance_data(env, (void **)&all));

  if (napi_get_value_string_utf8(env, arg[0], name, sizeof name, &length) != napi_ok) return type_error(env, "the kernel's name is a string");
  search_low_fn search_low = find_kernel(all, name);
  if (search_low == NULL || strlen(name) != length) return range_error(env, "this processor runs no native kernel of that name");
  if (!copy_bytes(env, arg[1], header, sizeof header)) return type_error(env, "a header is a Uint8Array of 116 bytes");
  /* Modulo 2^64, as BigInt.asUintN has it. */
  if (napi_get_value_bigint_uint64(env, arg[2], &start, &lossless) != napi_ok) return type_error(env, "the first nonce is a bigint");
  if (napi_get_value_double(env, arg[3], &count) != napi_ok) return type_error(env, "the count is a number");
  if (!(count >= 0 && count <= 4294967296.0) || count != (double)(uint64_t)count) return range_error(env, "the count is a whole number from 0 to 2^32");
  if (!copy_bytes(env, arg[4], target, sizeof target)) return type_error(env, "a target is a Uint8Array of 32 bytes");

  if (search_nonces(search_low, header, start, (uint64_t)count, target, &hit)) {
    CHECK(napi_create_bigint_uint64(env, hit, &result));
  } else {
    CHECK(napi_get_undefined(env, &result));
  }
  return result;
}

static napi_value js_verify_packed(napi_env env, napi_callback_info info) {
  napi_value arg[1], buffer, result;
  size_t given = 1, length;
  const uint8_t *jobs;
  void *out;
  CHECK(napi_get_cb_info(env, info, &given, arg, NULL, NULL));
  if (VERIFIER == NULL) return napi_throw_error(env, NULL, "the native addon was built without a verifier"), NULL;
  if (!bytes_of(env, arg[0], &jobs, &length)) return type_error(env, "packed jobs are a Uint8Array");
  if (length % JOB_BYTES != 0) return range_error(env, "packed jobs have 128 bytes each");
  size_t count = length / JOB_BYTES;
  CHECK(napi_create_arraybuffer(env, count, &out, &buffer));
  CHECK(napi_create_typedarray(env, napi_uint8_array, count, buffer, 0, &result));
  for (size_t i = 0; i < count; i++) {
    uint8_t job[JOB_BYTES];
    memcpy(job, jobs + i * JOB_BYTES, JOB_BYTES);
    ((uint8_t *)out)[i] = verify_job(job) ? 1 : 0;
  }
  return result;
}

static void free_kernels(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  free(data);
}

static napi_value make(napi_env env, napi_value exports) {
  napi_value names, name, verifier;
  kernels *all = malloc(sizeof *all);
  if (all == NULL) return fail(env);
  all->count = find_kernels(all->list);
  if (napi_set_instance_data(env, all, free_kernels, NULL) != napi_ok) {
    free(all);
    return fail(env);
  }
  CHECK(napi_create_array(env, &names));
  for (size_t i = 0; i < all->count; i++) {
    CHECK(napi_create_string_utf8(env, all->list[i].name, NAPI_AUTO_LENGTH, &name));
    CHECK(napi_set_element(env, names, (uint32_t)i, name));
  }
  if (VERIFIER == NULL) {
    CHECK(napi_get_null(env, &verifier));
  } else {
    CHECK(napi_create_string_utf8(env, VERIFIER, NAPI_AUTO_LENGTH, &verifier));
  }
  const napi_property_descriptor properties[] = {
      {"kernels", NULL, NULL, NULL, NULL, names, napi_enumerable, NULL},
      {"search", NULL, js_search, NULL, NULL, NULL, napi_enumerable, NULL},
      {"verifier", NULL, NULL, NULL, NULL, verifier, napi_enumerable, NULL},
      {"verifyPacked", NULL, js_verify_packed, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  CHECK(napi_define_properties(env, exports, sizeof properties / sizeof *properties, properties));
  return exports;
}

NAPI_MODULE_INIT() { return make(env, exports); }
