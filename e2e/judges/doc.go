// Package judges lets programs that nobody here wrote judge what pades writes,
// over the files of a corpus that nobody here made: poppler with NSS, MuPDF,
// PDFBox with Bouncy Castle, OpenSSL, qpdf and pdfsign. It holds tests alone.
package judges
