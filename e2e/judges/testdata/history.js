// Asks MuPDF of each file which revision changed what its signatures do not allow
// (0: none). Its other questions about signatures crash mutool 1.21.
for (var i = 0; i < scriptArgs.length; i++) {
	try {
		print(scriptArgs[i] + "\tok " + new PDFDocument(scriptArgs[i]).validateChangeHistory());
	} catch (e) {
		print(scriptArgs[i] + "\terror " + e);
	}
}
