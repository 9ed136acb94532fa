// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// iree-opt: mlir-opt with Tenon's dialects, and its stages as passes. C++, since MLIR offers neither its main function nor
// passes with options to C.

#include <cstdlib>
#include <memory>
#include <string>

#include "compiler/dialects/dialects.h"
#include "compiler/program.h"
#include "compiler/support/passes.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ToolOutputFile.h"
#include "mlir/CAPI/IR.h"
#include "mlir/CAPI/Support.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

namespace {

struct Stage {
  const char* name;
  const char* pipeline;  // this stage after all before it
  const char* description;
  MlirLogicalResult (*run)(tenon_program_t* program);
};

const Stage stages[] = {
    {"tenon-input", nullptr, "Brings a program to linalg on tensors, func, cf and arith",
     tenon_stage_input},
    {"tenon-dispatch", "tenon-to-dispatch",
     "Fuses work on tensors and outlines it as dispatches; after tenon-input",
     tenon_stage_dispatch},
    {"tenon-schedule", "tenon-to-schedule",
     "Places buffers and orders work on a timeline; after tenon-dispatch", tenon_stage_schedule},
};

mlir::LogicalResult run_stage(MlirLogicalResult (*stage)(tenon_program_t*), mlir::ModuleOp module,
                              tenon_options_t options) {
  // What files are called after.
  std::string source = "-";
  if (auto position = module.getLoc()->findInstanceOf<mlir::FileLineColLoc>())
    source = position.getFilename().str();
  options.input_path = source.c_str();
  options.last_stage = TENON_STAGE_EMIT;
  options.targets_cpu = true;
  tenon_program_t program = {};
  program.options = &options;
  program.context = wrap(module.getContext());
  program.module = wrap(module);
  MlirLogicalResult result = stage(&program);
  free(program.executable.data);
  return unwrap(result);
}

// Stages load what they need, but passes may not.
void insert_dialects(mlir::DialectRegistry& registry) {
  registry.insert<mlir::arith::ArithDialect, mlir::cf::ControlFlowDialect, mlir::func::FuncDialect,
                  mlir::linalg::LinalgDialect, mlir::math::MathDialect, mlir::scf::SCFDialect,
                  mlir::tensor::TensorDialect>();
  tenon_register_dialects(wrap(&registry));
}

const auto model_description = llvm::cl::desc("As --iree-execution-model of iree-compile");
const auto model_values =
    llvm::cl::values(clEnumValN(TENON_MODEL_ASYNC_INTERNAL, "async-internal", "The default"),
                     clEnumValN(TENON_MODEL_ASYNC_EXTERNAL, "async-external", "With fences"),
                     clEnumValN(TENON_MODEL_HOST_ONLY, "host-only", "Without tensors"));

class StagePass : public mlir::PassWrapper<StagePass, mlir::OperationPass<mlir::ModuleOp>> {
 public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(StagePass)

  explicit StagePass(const Stage& which,
                     tenon_execution_model_t execution_model = TENON_MODEL_ASYNC_INTERNAL)
      : stage(which) {
    model = execution_model;
  }
  StagePass(const StagePass& other) : PassWrapper(other), stage(other.stage) {}

  llvm::StringRef getArgument() const override { return stage.name; }
  llvm::StringRef getDescription() const override { return stage.description; }
  void getDependentDialects(mlir::DialectRegistry& registry) const override {
    insert_dialects(registry);
  }

  void runOnOperation() override {
    tenon_options_t options = {};
    options.execution_model = model;
    if (failed(run_stage(stage.run, getOperation(), options))) signalPassFailure();
  }

 private:
  const Stage& stage;
  Option<tenon_execution_model_t> model{*this, "execution-model", model_description,
                                        llvm::cl::init(TENON_MODEL_ASYNC_INTERNAL), model_values};
};

const char* null_if_empty(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

// The module stays as it is: what comes of this stage is files.
class CodegenPass : public mlir::PassWrapper<CodegenPass, mlir::OperationPass<mlir::ModuleOp>> {
 public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(CodegenPass)

  CodegenPass() = default;
  CodegenPass(const CodegenPass& other) : PassWrapper(other) {}

  llvm::StringRef getArgument() const override { return "tenon-codegen"; }
  llvm::StringRef getDescription() const override {
    return "Makes machine code of the dispatches, for files in the folders given; after "
           "tenon-dispatch";
  }

  void runOnOperation() override {
    tenon_options_t options = {};
    options.target_triple = null_if_empty(triple);
    options.target_cpu = cpu.c_str();
    options.target_cpu_features = features.c_str();
    options.dump_sources = null_if_empty(sources);
    options.dump_intermediates = null_if_empty(intermediates);
    options.dump_binaries = null_if_empty(binaries);
    if (failed(run_stage(tenon_stage_codegen, getOperation(), options))) signalPassFailure();
  }

 private:
  Option<std::string> triple{*this, "triple", llvm::cl::desc("The target; this machine's")};
  Option<std::string> cpu{*this, "cpu", llvm::cl::desc("Its processor"), llvm::cl::init("generic")};
  Option<std::string> features{*this, "cpu-features", llvm::cl::desc("+a,-b or 'host'")};
  Option<std::string> sources{*this, "sources-to", llvm::cl::desc("Folder for MLIR")};
  Option<std::string> intermediates{*this, "intermediates-to",
                                    llvm::cl::desc("Folder for LLVM IR, assembly and objects")};
  Option<std::string> binaries{*this, "binaries-to", llvm::cl::desc("Folder for executables")};
};

struct PipelineOptions : public mlir::PassPipelineOptions<PipelineOptions> {
  Option<tenon_execution_model_t> model{*this, "execution-model", model_description,
                                        llvm::cl::init(TENON_MODEL_ASYNC_INTERNAL), model_values};
};

void register_stages() {
  for (const Stage& stage : stages) {
    mlir::registerPass(
        [&stage]() -> std::unique_ptr<mlir::Pass> { return std::make_unique<StagePass>(stage); });
    if (!stage.pipeline) continue;
    mlir::PassPipelineRegistration<PipelineOptions>(
        stage.pipeline, "Tenon's stages up to this one",
        [&stage](mlir::OpPassManager& manager, const PipelineOptions& options) {
          for (const Stage* each = stages; each <= &stage; ++each)
            manager.addPass(std::make_unique<StagePass>(*each, options.model));
        });
  }
  mlir::PassRegistration<CodegenPass>();
}

int run(llvm::StringRef input_name, llvm::StringRef output_name, mlir::DialectRegistry& registry) {
  mlir::MlirOptMainConfig config = mlir::MlirOptMainConfig::createFromCLOptions();
  // The tenon dialect is one that MLIR doesn't know (compiler/dialects/dialects.h), and types like !custom.string are of none.
  config.allowUnregisteredDialects(true);
  std::string message;
  std::unique_ptr<llvm::MemoryBuffer> input = mlir::openInputFile(input_name, &message);
  std::unique_ptr<llvm::ToolOutputFile> output;
  if (input) output = mlir::openOutputFile(output_name, &message);
  if (!output) {
    llvm::errs() << "iree-opt: error: " << message << "\n";
    return 1;
  }
  if (failed(mlir::MlirOptMain(output->os(), std::move(input), registry, config))) return 1;
  output->keep();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  llvm::InitLLVM init(argc, argv);
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  tenon_register_dialects(wrap(&registry));
  mlir::registerAllPasses();
  tenon_register_passes();
  register_stages();
  auto [input, output] = mlir::registerAndParseCLIOptions(
      argc, argv, "iree-opt: Tenon's stages and MLIR's passes", registry);
  return run(input, output, registry);
}
