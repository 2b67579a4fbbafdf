# The optional native addon (docs/adr). scripts/lib/native.mjs builds it and gives the variables.
{
  'variables': {
    # libsecp256k1: its version (empty: none), and what the compiler and linker are told.
    'secp256k1_version%': '',
    'secp256k1_include%': '',
    'secp256k1_link%': '',
    'secp256k1_wrap_stderr%': 'false',
  },
  'targets': [{
    'target_name': 'cheese',
    'sources': [
      'addon.c', 'cpu.c', 'search.c', 'verify.c', 'kernel-scalar.c', 'kernel-avx2.c', 'kernel-avx512.c',
      'kernel-sha-x64.c', 'kernel-neon.c', 'kernel-sha-arm64.c',
    ],
    'defines': ['NAPI_VERSION=8'],
    'conditions': [
      ['OS!="win"', { 'cflags': ['-std=gnu11', '-fvisibility=hidden', '-Wall', '-Wextra'] }],
      ['OS=="mac"', { 'xcode_settings': { 'OTHER_CFLAGS': ['-std=gnu11', '-fvisibility=hidden', '-Wall', '-Wextra'] } }],
      ['OS=="linux"', { 'ldflags': ['-Wl,-Bsymbolic', '-Wl,--exclude-libs,ALL'] }],
      ['secp256k1_version!=""', {
        'defines': ['CHEESE_SECP256K1="<(secp256k1_version)"'],
        'include_dirs': ['<(secp256k1_include)'],
        'libraries': ['<(secp256k1_link)'],
      }],
      ['secp256k1_wrap_stderr=="true"', { 'defines': ['CHEESE_WRAP_STDERR'], 'ldflags': ['-Wl,--wrap=stderr'] }],
      ['OS=="win"', {
        # Node's import library, made from the list of names that Node-API promises.
        'actions': [{
          'action_name': 'node_lib',
          'inputs': ['<(node_root_dir)/node.def'],
          'outputs': ['<(node_root_dir)/Release/node.lib'],
          'action': ['lib.exe', '/nologo', '/machine:<(target_arch)', '/def:<(node_root_dir)/node.def', '/out:<(node_root_dir)/Release/node.lib'],
        }],
      }],
    ],
  }],
}
