// network.mjs -- a running network with the demonstration's data: a week ago, yesterday and today, one warehouse that works and one
// that is silent, so that there is something late, and two events in quarantine.
//
//     const network = await Network.start()      owns its folder and its processes; stop() ends them
//     network.rows('kpi', '--scope', 'total')    what `tributary get ... --json` says
//     network.sell('OUT-001/T1', ...)            one sale, through `tributary publish`

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const top = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const bin = process.env.TRIBUTARY_BIN ?? join(top, 'build/bin');
const examples = process.env.TRIBUTARY_EXAMPLES ?? join(bin, '../examples');
const DAY_MS = 86400000, MEGABYTES = 64 << 20;

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** Asks until it holds; a starved machine gets its time, a wrong one its message. */
export async function until(what, ask, seconds = 60) {
	let last;
	for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(100)) {
		try {
			last = await ask();
			if (last) return last;
		} catch (error) {
			last = error;
		}
	}
	throw new Error(`${what}: not within ${seconds} s; the last was ${last}`);
}

export class Network {
	static async start(listen) {
		const network = new Network();
		network.listen = listen;
		network.folder = mkdtempSync(join(tmpdir(), 'tributary-browser-'));
		network.dir = join(network.folder, 'run');
		network.others = [];
		try {
			await network.up();
			network.fill();
			await network.settle();
		} catch (error) {
			await network.stop();
			throw error;
		}
		return network;
	}

	async up() {
		const config = join(this.dir, 'network.yaml');
		mkdirSync(this.dir, { recursive: true });
		writeFileSync(config, `dir: ${this.dir}\ngateway:\n  listen: "${this.listen}"\n`);
		const child = spawn(join(bin, 'tributary'), ['up', '--config', config], { stdio: ['ignore', 'pipe', 'pipe'] });
		let out = '', err = '';
		child.stdout.on('data', (some) => (out += some));
		child.stderr.on('data', (some) => (err += some));
		this.child = child;
		await until('the network is ready', () => /^ready/m.test(out) || child.exitCode !== null);
		if (child.exitCode !== null) throw new Error(`tributary up ended: ${err}`);
	}

	run(words, input) {
		const done = spawnSync(join(bin, 'tributary'), [...words, '--dir', this.dir], { input, encoding: 'utf8', maxBuffer: MEGABYTES });
		return { code: done.status, out: done.stdout, err: done.stderr };
	}

	must(words, input) {
		const done = this.run(words, input);
		if (done.code !== 0) throw new Error(`${words.join(' ')}: ${done.code} ${done.err}`);
		return done.out;
	}

	rows(...words) {
		return this.must(['get', ...words, '--json']).split('\n').filter(Boolean).map((line) => JSON.parse(line));
	}

	events(service, ...words) {
		return this.must(['tail', service, '--from', '1', ...words, '--json']).split('\n').filter(Boolean).map((line) => JSON.parse(line));
	}

	demo(...words) {
		return execFileSync('/usr/bin/python3', [join(top, 'deploy/demo.py'), ...words], { encoding: 'utf8', maxBuffer: MEGABYTES });
	}

	fill() {
		const yaml = join(this.folder, 'demo.yaml');
		writeFileSync(yaml, this.demo('network'));
		this.must(['apply', yaml]);
		this.must(['publish', '--quiet'], this.demo('opening'));
		const door = this.door('logistics'), spool = join(this.folder, 'warehouse.spool');
		this.others.push(spawn(join(examples, 'warehouse'), ['--door', door, '--warehouse', 'WH-EAST', '--spool', spool], { stdio: 'ignore' }));
		for (const [days, tickets] of [[8, 300], [7, 400], [1, 300]]) {
			const then = new Date(Date.now() - days * DAY_MS).toISOString();
			this.must(['publish', '--quiet'], this.demo('sales', '--tickets', String(tickets), '--now', then));
		}
		this.must(['publish', '--quiet'], this.demo('sales', '--tickets', '500'));
		this.spoil();
	}

	door(service) {
		return `ipc://${join(this.dir, service)}.door`;
	}

	/** Two events that cannot be understood: one goes to quarantine for each. */
	spoil() {
		const source = 'OUT-001/T2', epoch = Date.now() * 1000;
		const program = `
import sys
sys.path.insert(0, ${JSON.stringify(join(top, 'tests/python'))})
from harness import Door, event
till = Door(${JSON.stringify(this.door('orders'))}, "till", [(${JSON.stringify(source)}, ${epoch})])
till.publish(${JSON.stringify(source)}, ${epoch}, 1, [event(${JSON.stringify(source)}, n, "no.such_type", "OUT-001", {}) for n in (1, 2)])
till.hear("ack")
`;
		execFileSync('/usr/bin/python3', ['-c', program]);
	}

	/** One sale at a till, of one piece at a price in minor units; returns when it is durable. */
	sell(terminal, minor, receipt = `B-${Date.now()}`) {
		const sku = this.rows('records', '--kind', 'product')[0].key, outlet = terminal.split('/')[0];
		const day = new Date(Date.now() + 8 * 3600000).toISOString().slice(0, 10);
		const lines = [{ sku, quantity: 1000, unit_price: minor * 100 }];
		const data = { outlet, receipt, currency: 'CNY', day, tz_offset: 480, lines };
		const event = { source: terminal, type: 'ticket.sold', time: new Date().toISOString(), data };
		this.must(['publish', '--quiet'], JSON.stringify(event) + '\n');
	}

	async settle() {
		let calm = 0;
		await until('the network is settled', () => {
			calm = this.rows('lag').every((row) => row.lag === 0) ? calm + 1 : 0;
			return calm === 3;
		}, 180);
	}

	async stop() {
		for (const other of this.others) other.kill('SIGTERM');
		if (this.child && this.child.exitCode === null) {
			const ended = new Promise((done) => this.child.once('exit', done));
			this.child.kill('SIGTERM');
			await ended;
		}
		if (!process.env.KEEP) rmSync(this.folder, { recursive: true, force: true });
	}
}
