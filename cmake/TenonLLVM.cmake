# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# LLVM and MLIR for the compiler, in two ways that never meet in one program (two copies of MLIR have two sets of type
# ids): statically, for releases (starts faster, needs less memory), or the shared libMLIR and libLLVM, for quick builds.
#
# Debian's CMake targets name both (each static archive asks for the shared LLVM), so only their file names and the
# dependencies among archives are used here.

find_package(MLIR REQUIRED CONFIG HINTS /usr/lib/llvm-22/lib/cmake/mlir)
if(NOT LLVM_VERSION_MAJOR EQUAL 22)
  message(FATAL_ERROR "Tenon needs LLVM and MLIR 22, found ${LLVM_VERSION}; set MLIR_DIR to its lib/cmake/mlir")
endif()
set(TENON_LLVM_LIBRARY_DIR "${LLVM_LIBRARY_DIRS}")
set(TENON_LLVM_TOOLS_DIR "${LLVM_TOOLS_BINARY_DIR}")

# The C API's parts in use; what they need follows from CMake's targets.
set(TENON_MLIR_ROOTS
  MLIRCAPIIR MLIRCAPIArith MLIRCAPIFunc MLIRCAPIControlFlow MLIRCAPISCF MLIRCAPITensor MLIRCAPILinalg MLIRCAPIMath
  MLIRCAPITransforms MLIRFuncTransforms MLIRLinalgTransforms MLIRSCFToControlFlow MLIRBytecodeReader
  MLIRTensorInferTypeOpInterfaceImpl MLIRLinalgUtils)
set(TENON_LLVM_ROOTS
  LLVMCore LLVMPasses LLVMBitReader LLVMLinker LLVMTarget LLVMAnalysis LLVMX86CodeGen LLVMX86Desc LLVMX86Info LLVMAArch64CodeGen
  LLVMAArch64Desc LLVMAArch64Info)
# lld's ELF linker needs these besides.
set(TENON_LLD_NEEDS LLVMLTO LLVMDTLTO LLVMOption LLVMDebugInfoDWARF LLVMTargetParser LLVMMC LLVMObject LLVMX86AsmParser LLVMAArch64AsmParser)

# tenon_archives(OUT ROOTS...): the file names of all archives that ROOTS need.
function(tenon_archives out)
  set(todo ${ARGN})
  set(seen)
  set(files)
  while(todo)
    list(POP_FRONT todo name)
    if(name IN_LIST seen OR NOT TARGET ${name} OR name MATCHES "::|^(LLVM|MLIR|Polly|PollyISL)$")
      continue()
    endif()
    list(APPEND seen ${name})
    get_target_property(type ${name} TYPE)
    if(type STREQUAL "STATIC_LIBRARY")
      list(APPEND files "$<TARGET_FILE:${name}>")
    endif()
    get_target_property(needs ${name} INTERFACE_LINK_LIBRARIES)
    if(needs)
      string(REGEX REPLACE "\\$<LINK_ONLY:([^>]*)>" "\\1" needs "${needs}")
      list(APPEND todo ${needs})
    endif()
  endwhile()
  set(${out} "${files}" PARENT_SCOPE)
endfunction()

# The C API is not part of the shared libMLIR: it comes from its archives in both modes, alone when linked shared.
set(TENON_CAPI_FILES)
foreach(root ${TENON_MLIR_ROOTS} MLIRCAPIInterfaces)
  if(root MATCHES "^MLIRCAPI")
    list(APPEND TENON_CAPI_FILES "$<TARGET_FILE:${root}>")
  endif()
endforeach()
set(TENON_LLD_FILES "${TENON_LLVM_LIBRARY_DIR}/liblldELF.a" "${TENON_LLVM_LIBRARY_DIR}/liblldCommon.a")

# One interface library for each way, so that the long list is made once.
add_library(tenon_llvm_shared INTERFACE)
target_link_libraries(tenon_llvm_shared INTERFACE -Wl,--start-group ${TENON_CAPI_FILES} ${TENON_LLD_FILES} -Wl,--end-group
  "${TENON_LLVM_LIBRARY_DIR}/libMLIR.so" "${TENON_LLVM_LIBRARY_DIR}/libLLVM.so" z zstd dl m pthread)
target_link_options(tenon_llvm_shared INTERFACE -Wl,--gc-sections)
set(TENON_LLVM_LIBRARY tenon_llvm_shared)

# LLVM's own linker resolves the archives several times as fast as GNU ld. A program at a fixed address has no relocations
# to apply at its start, which takes a third of the start-up and 10 MB.
if(TENON_STATIC_LLVM)
  add_library(tenon_llvm_static INTERFACE)
  tenon_archives(TENON_ALL_ARCHIVES ${TENON_MLIR_ROOTS} ${TENON_LLVM_ROOTS} ${TENON_LLD_NEEDS})
  add_library(tenon_llvm_absent STATIC ${PROJECT_SOURCE_DIR}/compiler/codegen/llvm_absent.cc)
  target_include_directories(tenon_llvm_absent SYSTEM PRIVATE ${LLVM_INCLUDE_DIRS})
  target_link_libraries(tenon_llvm_static INTERFACE -Wl,--start-group tenon_llvm_absent ${TENON_LLD_FILES} ${TENON_ALL_ARCHIVES} -Wl,--end-group z zstd dl m pthread)
  target_link_options(tenon_llvm_static INTERFACE -Wl,--gc-sections -no-pie)
  if(EXISTS "${TENON_LLVM_TOOLS_DIR}/ld.lld")
    target_link_options(tenon_llvm_static INTERFACE -fuse-ld=lld "-B${TENON_LLVM_TOOLS_DIR}")
  endif()
  # A program that needs all of MLIR sets the property TENON_SHARED_LLVM.
  set(TENON_LLVM_LIBRARY "$<IF:$<BOOL:$<TARGET_PROPERTY:TENON_SHARED_LLVM>>,tenon_llvm_shared,tenon_llvm_static>")
endif()

# tenon_link_mlir(TARGET): headers for every target, and for programs all of LLVM, MLIR and lld that the compiler uses. C++
# sources of TARGET are built like LLVM itself (which matters for run-time type information).
function(tenon_link_mlir target)
  target_include_directories(${target} SYSTEM PRIVATE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
  if(NOT LLVM_ENABLE_RTTI)
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>)
  endif()
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>)
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
  target_link_libraries(${target} PRIVATE "${TENON_LLVM_LIBRARY}")
endfunction()
