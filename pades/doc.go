// Package pades turns a PDF into a signed one, revision by revision, and judges
// signed ones, whoever made them (ISO 32000-2, 12.8; ETSI EN 319 142-1).
//
// # The story of a document
//
// Inspect tells what an upload is and what speaks against signing it; Clean takes
// out what can be taken out. Then these steps, of which all but Gather append:
//
//	more, plan, err := pades.Certify(ctx, original, size, spec, certifier, now)
//	more, plan, err = pades.Approve(ctx, plan, act, signer, now) // each person
//	more, plan, err = pades.Seal(ctx, plan, sealer, seal, now)
//	evidence, err := pades.Gather(ctx, file, size, roots, source)
//	more, plan, err = pades.Close(ctx, plan, pades.Proof{Evidence: evidence, Timestamper: clock})
//
// Certify places every field that will ever be on a page and makes the
// organisation's certification signature: DocMDP with P 2, filling in and signing
// (12.8.2.2). Approve fills one person's fields and signs for that person, with a
// lock on exactly these fields (FieldMDP, 12.8.2.4). Seal locks all fields. Close
// adds the proofs of the document's level, and Renew adds fresh ones before the
// certificate of the newest document time-stamp ends; plan for it years ahead.
//
// A document of PDF/A-1b stays one, and a tagged one stays tagged: our fields get
// elements of their own in its structure (14.7.5), with Field.Label as what screen
// readers say.
//
// # Plans and increments
//
// What a step gives are the bytes to append, and the Plan for the next step. No
// earlier byte is ever changed. Certify reads the original once, to hash it; from
// then on the plan carries the state of the hash, the end of the file and the
// places of the fields, so a step reads nothing of the file and costs what it
// appends, whatever the file's size.
//
// Store the increment and the plan in one transaction: a plan belongs to exactly
// the bytes it was made for, and Plan.Size says how many these are. With another
// file's plan a signature comes out that does not verify, never one that wrongly
// does. MarshalBinary and UnmarshalBinary write and read a plan, typically
// under 20 KB of JSON; plans of an older form can still be read and go on at the
// level they have. A step that returns an error leaves the plan as it was, so it may
// simply be tried again.
//
// # Levels
//
// Spec.Level, which the plan keeps, is what the finished document shall reach
// (EN 319 142-1, 6.1), and Plan.Reached what it has reached so far:
//
//	B-B    a key and a certificate for every signature
//	B-T    a Holder.Timestamper as well: a time-stamp in each signature
//	B-LT   Close with evidence: certificates, CRLs and OCSP responses in a
//	       document security store (5.4.2; ISO 32000-2, 12.8.4.3)
//	B-LTA  Close with a Proof.Timestamper too: a document time-stamp over all
//	       of it (5.4.3; ISO 32000-2, 12.8.5)
//
// At B-LT the evidence follows the last signature, so a verifier says permitted;
// the time-stamp of B-LTA covers it and the verdict is unchanged.
//
// A Timestamper is one method, which tsp.Client (authorities on the network, tried
// in order) and tsp.Authority (one of your own) have. It is asked before anything
// is given out: without a time-stamp there is no signature and no increment.
// Gather takes revocation data from a trust.Source: an authority of your own, or
// trust.Web for the certificates of others. Ask after the last signature, since
// only what was issued later can know of a revocation before.
//
// # Keys elsewhere
//
// Holder.Signer is a crypto.Signer, so a key in an HSM signs like any other: ECDSA
// or RSA, always over SHA-256. Where the answer comes later, or from a service
// without such an interface, take the step apart:
//
//	room, err := cms.Room(certificate, chain, 0)
//	pending, err := pades.Next(plan, act, room, now) // or a SealSpec
//	attributes := pending.Attributes(certificate)    // their SHA-256 is signed
//	container, err := cms.Assemble(attributes, value, certificate, chain)
//	more, plan, err := pades.Finish(pending, container)
//
// A Pending may be stored in between. For B-T and above, ask the Timestamper for
// the SHA-256 of cms.SignatureValue(container), put its token in with
// cms.AddTimestamp, and give Room some 7 KB for it.
//
// # Verifying
//
// Verify reads any signed file, with no help from a plan, and says one word:
//
//	unchanged  every signature holds, the newest covers the whole file, and each
//	           step between changed only what the signatures before it permit
//	permitted  something that they permit follows the last signature
//	changed    something was changed that a signature does not permit
//	broken     a signature does not hold, or leads to none of the roots given
//	unsigned   there is no signature
//
// The report has every signature with its level, certificate path and proven time,
// and every revision with its changes as sentences. VerifyOptions.Strict allows
// only what this package writes, which is right for files of one's own; otherwise
// the harmless habits of other programs are allowed. Without roots trust is
// unknown and never the reason for a verdict. The verifier in package verify
// shares no reader and no rule with what writes here; SecondOpinion asks an
// implementation of other people as well.
//
// # What it never does
//
//   - It changes no byte of what was signed, and no page or catalog after the
//     certification but for what Close must add.
//   - It takes no clock's word as proof: the time given to a step stands in /M as
//     the signer's claim, outside the CMS container (EN 319 142-1, 6.3), and only
//     time-stamps prove one.
//   - It does not sign a file that somebody has signed already, and takes no act
//     twice or after the seal.
//   - It opens no network connection. Timestamper and trust.Source may.
//   - It runs nothing that a document holds, and decodes only what it needs.
//
// # Limits and errors
//
// A Spec takes MaxRecipients and MaxFields, a value MaxValueLength, ink
// MaxStrokePoints and MaxPictureSize; files are read within the limits of package
// pdf. A file from strangers can still cost time and memory up to these: give
// untrusted ones a process of their own.
//
// What a person or a program can act on is a problem.Problem, whose code does not
// change: pdf_encrypted, pdf_damaged, pdf_too_complex, pdf_already_signed and the
// reasons of Inspect for files; field_outside_page, duplicate_field,
// unknown_recipient and the like for specs; already_signed, document_sealed,
// value_too_long and ink_… for acts; document_not_sealed, document_closed,
// document_without_proofs and plan_without_catalog for Close and Renew;
// timestamp_unavailable and revocation_unavailable for what may work later. Any
// other error is an accident.
//
// The packages below can be used alone: pdf and update (reading and appending),
// cms and tsp (containers and time-stamps), trust (certificates at a time), verify
// (judging) and font (text in any script).
package pades
