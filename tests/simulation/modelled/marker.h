// The modelled primitives: the interfaces of src/crypto over hashes, thousands of times faster and without
// any secrecy. They behave as primitives do (signatures verify, flipped octets do not, Diffie-Hellman
// commutes, a foreign ciphertext gives a secret nobody shares), so that the whole system can be simulated on
// them. Everything else of src/crypto stays real. Never for real keys: tests/linkage proves that no program
// and no module contains them.
#pragma once

/// The symbol that tests/linkage looks for.
extern "C" const char sotto_modelled_primitives[];
