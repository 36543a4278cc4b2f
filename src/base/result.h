// Errors as values. Every function that can fail for a reason outside the program returns Result<T>.
// No exception crosses a library's boundary. Thread safety: values, nothing shared.
#pragma once

#include <expected>
#include <string>
#include <type_traits>
#include <utility>

namespace whittle {

// What kind of failure it is. The numbers are the exit codes of every verb (docs/cli.md).
enum class ErrorCode {
  kUsage = 2,        // the command line is wrong
  kBadInput = 3,     // a file or an answer of another program is not what it has to be
  kNotPossible = 4,  // this host, kernel or user cannot do it; `whittle doctor` explains
  kInternal = 5,     // a bug of ours
};

struct Error {
  ErrorCode code;
  std::string message;  // one line: file, line and field where there are any, what was expected, what to do
};

template <typename T>
using Result = std::expected<T, Error>;

// Builds the failing side of any Result.
inline std::unexpected<Error> Fail(ErrorCode code, std::string message) {
  return std::unexpected<Error>(Error{code, std::move(message)});
}

// Puts `context` before the message of an error that passes through: "reading web.json: ...".
inline Error WithContext(Error error, const std::string& context) {
  error.message = context + ": " + error.message;
  return error;
}

namespace internal {
inline void Take(Result<void>&) {}
template <typename T>
T Take(Result<T>& result) {
  return std::move(*result);
}
}  // namespace internal

// TRY(expression): the value of a Result, or return its error from the calling function.
//   const auto text = TRY(ReadFile(path));
// Not inside of braces behind a member that owns something: `Pair{name, TRY(Read(name))}`. What stands before
// it in such a list GCC 12 does not destroy when the function returns there (LeakSanitizer finds it).
#define TRY(...)                                                              \
  ({                                                                          \
    auto try_result_ = (__VA_ARGS__);                                         \
    if (!try_result_) return std::unexpected(std::move(try_result_.error())); \
    ::whittle::internal::Take(try_result_);                                   \
  })

}  // namespace whittle
