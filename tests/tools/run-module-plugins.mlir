// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Modules in shared libraries, and linked into the tool.
// RUN: iree-compile %s --iree-hal-target-backends=llvm-cpu -o %t.vmfb

// The program calls the plugin's function, on either device, wherever the program comes from.
// RUN: iree-run-module --module=%sample_plugin --module=%t.vmfb --function=main --input=5xi32=1,2,3,4,5 | FileCheck %s --check-prefix=RESULT --match-full-lines
// RUN: iree-run-module --module=%sample_plugin@iree_vm_dynamic_module_create --module=- --function=main --input=5xi32=1,2,3,4,5 --device=local-sync < %t.vmfb | FileCheck %s --check-prefix=RESULT --match-full-lines
// RUN: %static_tool --module=%t.vmfb --function=main --input=5xi32=1,2,3,4,5 | FileCheck %s --check-prefix=RESULT --match-full-lines
// RUN: %static_tool --function=main --input=5xi32=1,2,3,4,5 --device=local-sync < %t.vmfb | FileCheck %s --check-prefix=RESULT --match-full-lines
//      RESULT: EXEC @main
// RESULT-NEXT: result[0]: hal.buffer_view
// RESULT-NEXT: 5xi32=4 64 324 1024 2500

// The last module is the one that is run, and plugins may be that. Parameters reach them in order; the type of a file is in its contents, not in its name.
// RUN: not iree-run-module --module=%t.vmfb --module=%test_plugin_good.so --function=value 2>&1 | FileCheck %s --check-prefix=ORDER
// ORDER: module 'plugins' imports 'custom.call.sync', but no module 'custom' is registered before it
// RUN: iree-run-module --module=%sample_plugin --module=%t.vmfb "--module=%test_plugin_good.so@create_with_value?value=7&value=8" --function=value | FileCheck %s --check-prefix=VALUE
// VALUE: i32=8
// RUN: cp %test_plugin_good.so "%t.me@home?.vmfb"
// RUN: iree-run-module "--module=%t.me@home?.vmfb" --function=value | FileCheck %s --check-prefix=NAME
// NAME: i32=1
// RUN: mkdir -p %t.folder && cp %sample_plugin %t.folder/here.so && cd %t.folder && iree-run-module --module=here.so --function=call.sync --input=2xi32=3 | FileCheck %s --check-prefix=HERE
// HERE: 2xi32=6 6

// Mistakes.
// RUN: not iree-run-module --module=%sample_plugin@nope 2>&1 | FileCheck %s --check-prefix=EXPORT
// EXPORT: iree-run-module: NOT_FOUND; {{.*}} exports no function 'nope';{{.*}}loading module '{{.*}}@nope'
// RUN: not iree-run-module --module=%sample_plugin?depth=1 2>&1 | FileCheck %s --check-prefix=PARAMETER
// PARAMETER: INVALID_ARGUMENT; the custom module takes no parameters, but 'depth' is given; creating the module of plugin {{.*}}@iree_vm_dynamic_module_create; loading module
// RUN: not iree-run-module "--module=%sample_plugin?a&&b" 2>&1 | FileCheck %s --check-prefix=KEY
// KEY: INVALID_ARGUMENT; a parameter has no key; expected FILE[@EXPORT][?KEY=VALUE&...]; loading module
// RUN: not iree-run-module --module=%sample_plugin@ 2>&1 | FileCheck %s --check-prefix=NOEXPORT
// NOEXPORT: INVALID_ARGUMENT; no export is named after '@'
// RUN: not iree-run-module --module=%t.missing.so@create 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: NOT_FOUND; failed to open '{{.*}}.missing.so': No such file or directory
// RUN: not iree-run-module --module=%t.vmfb@create 2>&1 | FileCheck %s --check-prefix=PROGRAM
// PROGRAM: INVALID_ARGUMENT; '{{.*}}.vmfb' is a compiled program, not a plugin
// RUN: not iree-run-module --module=%test_plugin_newer.so 2>&1 | FileCheck %s --check-prefix=VERSION
// VERSION: FAILED_PRECONDITION; {{.*}} was compiled against version 4711 of the plugin interface, but this program has version {{[0-9]+}}; compile the plugin again
// RUN: not iree-run-module --module=%test_plugin_runtime.so 2>&1 | FileCheck %s --check-prefix=RUNTIME
// RUNTIME: FAILED_PRECONDITION; {{.*}} contains a Tenon runtime of its own
// RUN: not iree-run-module --module=%test_plugin_undefined.so 2>&1 | FileCheck %s --check-prefix=UNDEFINED
// UNDEFINED: FAILED_PRECONDITION; {{.*}}undefined symbol: iree_vm_no_such_function

module @plugins {
  func.func private @custom.call.sync(tensor<?xi32>) -> tensor<?xi32>
  func.func @main(%input: tensor<?xi32>) -> tensor<?xi32> {
    %squared = arith.muli %input, %input : tensor<?xi32>
    %doubled = call @custom.call.sync(%squared) : (tensor<?xi32>) -> tensor<?xi32>
    %result = arith.muli %doubled, %doubled : tensor<?xi32>
    return %result : tensor<?xi32>
  }
}
