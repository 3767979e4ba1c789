/**
 * Compatibility flags. Data: the flags with an effect, and those that users of workerd bring along, with what becomes of them
 * (workerd's own list: src/workerd/io/compatibility-date.capnp). Runs in the supervisor.
 */

/** The flags that give a worker modules of Node.js. workerd grades them; here each gives everything there is. */
const nodejsFlags: readonly string[] = ['nodejs_compat', 'nodejs_compat_v2', 'nodejs_als'];

/** The flag that makes TypeScript of modules whose names do not say it. */
const typescriptFlag = 'typescript_strip_types';

/** Flags about a site in front of a worker; see app-assets.ts. */
const navigationFlags: readonly string[] = [
  'assets_navigation_has_no_effect',
  'assets_navigation_prefers_asset_serving',
];

/** Flags of workerd for what a worker finds here whether it asks or not. */
const alreadySo: readonly string[] = [
  'allow_custom_ports',
  'allow_importable_env',
  'blob_standard_mime_type',
  'brotli_content_encoding',
  'capture_async_api_throws',
  'dont_substitute_null_on_type_error',
  'enable_nodejs_process_v2',
  'enable_request_signal',
  'enable_weak_ref',
  'experimental',
  'export_commonjs_default',
  'fetch_refuses_unknown_protocols',
  'fetch_standard_url',
  'fetcher_no_get_put_delete',
  'formdata_parser_supports_files',
  'global_fetch_strictly_public',
  'global_navigator',
  'http_headers_getsetcookie',
  'internal_stream_byob_return_view',
  'internal_writable_stream_abort_clears_queue',
  'no_global_importscripts',
  'nodejs_compat_populate_process_env',
  'response_redirect_url_standard',
  'set_event_target_this',
  'set_tostring_tag',
  'streams_byob_reader_detaches_buffer',
  'streams_enable_constructors',
  'strict_compression_checks',
  'strict_crypto_checks',
  'transformstream_enable_standard_constructor',
  'unwrap_custom_thenables',
  'url_standard',
  'urlpattern_standard',
  'urlsearchparams_delete_has_value_arg',
  'workers_api_getters_setters_on_prototype',
];

/** Flags of workerd that change what nanod cannot change. */
const unavailable: readonly string[] = [
  'allow_eval_during_startup',
  'blob_legacy_mime_type',
  'disable_request_signal',
  'disable_weak_ref',
  'disallow_importable_env',
  'do_not_capture_async_api_throws',
  'do_not_set_tostring_tag',
  'enable_nodejs_fs_module',
  'enable_nodejs_http_modules',
  'enable_nodejs_http_server_modules',
  'enable_nodejs_os_module',
  'export_commonjs_namespace',
  'fetch_legacy_url',
  'fetch_treats_unknown_protocols_as_http',
  'fetcher_has_get_put_delete',
  'formdata_parser_converts_files_to_strings',
  'global_fetch_private_origin',
  'global_importscripts',
  'no_global_navigator',
  'no_http_headers_getsetcookie',
  'no_unwrap_custom_thenables',
  'nodejs_compat_do_not_populate_process_env',
  'nodejs_zlib',
  'python_workers',
  'response_redirect_url_original',
  'streams_byob_reader_does_not_detach_buffer',
  'streams_disable_constructors',
  'substitute_null_on_type_error',
  'transformstream_disable_standard_constructor',
  'url_original',
  'urlpattern_original',
  'workers_api_getters_setters_on_instance',
];

const known = new Set([...nodejsFlags, ...navigationFlags, typescriptFlag, ...alreadySo]);

/** What a mistyped flag may have been meant to be. */
export const suggestedFlags: readonly string[] = Object.freeze([
  ...nodejsFlags,
  ...navigationFlags,
  typescriptFlag,
  ...alreadySo,
]);

/** What nanod does with a flag: takes it, says that the behaviour cannot be had, or knows nothing of it. */
export function effectiveFlag(flag: string): 'known' | 'unavailable' | 'unknown' {
  if (known.has(flag)) return 'known';
  return unavailable.includes(flag) ? 'unavailable' : 'unknown';
}

/** Whether a worker with these flags may import modules of Node.js. */
export function usesNodejs(flags: readonly string[]): boolean {
  return flags.some((flag) => nodejsFlags.includes(flag));
}

/** Whether the modules of a worker with these flags are TypeScript. */
export function usesTypeScript(flags: readonly string[]): boolean {
  return flags.includes(typescriptFlag);
}
