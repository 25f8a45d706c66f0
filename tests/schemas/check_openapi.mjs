// check_openapi.mjs -- the gateway's document must be valid OpenAPI 3.1 by the official JSON schema of the specification.
//
//     npm ci && node check_openapi.mjs [FILE]        exits 1 when it is not valid, or when a spoilt copy of it would pass

import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Validator } from '@seriousme/openapi-schema-validator';

const here = dirname(fileURLToPath(import.meta.url));
const file = resolve(process.argv[2] ?? join(here, '../../services/gateway/openapi.yaml'));
const text = readFileSync(file, 'utf8');

const { valid, errors, version } = await validate(text);
for (const error of Array.isArray(errors) ? errors : [errors].filter(Boolean))
	console.log(`${error.instancePath ?? ''}: ${error.message ?? error}`);
console.log(`openapi.yaml: ${valid ? 'valid' : 'not valid'}, OpenAPI ${version}`);

// The control: each of these makes a document that is none any more.
const spoilt = {
	'an answer without a description': [/^( +)description: .*$/m, '', /responses:/],
	'a parameter that is nowhere': [/in: query/, 'in: nowhere'],
	'a word that OpenAPI does not have': [/^paths:/m, 'pathes: {}\npaths:'],
	'no version': [/^openapi: .*$/m, ''],
	'a security scheme of no kind': [/type: http\b/, 'type: carrier-pigeon'],
};
let passed = 0;
for (const [what, [from, to, behind]] of Object.entries(spoilt)) {
	const start = behind ? text.search(behind) : 0;
	const copy = text.slice(0, start) + text.slice(start).replace(from, to);
	if (copy === text || (await validate(copy)).valid) {
		console.log(`${what}: not noticed`);
		passed++;
	}
}
console.log(`${Object.keys(spoilt).length - passed} of ${Object.keys(spoilt).length} spoilt copies are refused`);
if (!valid || !version?.startsWith('3.1') || passed > 0)
	process.exit(1);

async function validate(document) {
	const validator = new Validator();
	const found = await validator.validate(document);
	return { ...found, version: validator.version };
}
