// check_asyncapi.mjs -- every document in schemas/ must be valid AsyncAPI 3.0 for the initiative's own parser.
//
//     npm ci && node check_asyncapi.mjs [FOLDER]        prints each document; exits 1 when one is not valid

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Parser, fromFile } from '@asyncapi/parser';

const here = dirname(fileURLToPath(import.meta.url));
const folder = resolve(process.argv[2] ?? join(here, '../../schemas'));
const names = readdirSync(folder)
	.filter((name) => name.endsWith('.yaml') && /^asyncapi:/m.test(readFileSync(join(folder, name), 'utf8')));
const severities = ['error', 'warning', 'information', 'hint'];
let failed = 0;

for (const name of names) {
	const { document, diagnostics } = await fromFile(new Parser(), join(folder, name)).parse();
	const wrong = diagnostics.filter((diagnostic) => diagnostic.severity <= 1 && !harmless(diagnostic));
	for (const { severity, message, path } of wrong)
		console.log(`${name}: ${severities[severity]}: ${message} (at ${path.join('/')})`);
	if (document === undefined || wrong.length > 0) {
		console.log(`${name}: not valid`);
		failed++;
	} else {
		const count = document.allMessages().length;
		console.log(`${name}: valid AsyncAPI ${document.version()}, ${count} messages`);
	}
}
if (names.length === 0 || failed > 0)
	process.exit(1);

// A newer version of the specification than 3.0 is known to the parser; these documents stay with 3.0.
function harmless(diagnostic) {
	return diagnostic.code === 'asyncapi-latest-version';
}
