// The records and methods of the client API, from the package of sdk/typescript: one source, made of the schema by
// tools/openrpc.py. What is a part of another record there has a shorter name here.
export type * from "../../../sdk/typescript/src/types";
export type {
  FamilyPolicy_Hours as FamilyPolicyHours,
  Group_Member as GroupMember,
  Message_Kind as MessageKind,
  Message_Link as MessageLink,
  Problem_Code as ProblemCode,
  Span_Style as SpanStyle,
} from "../../../sdk/typescript/src/types";
