// gateway.mjs -- the gateway of a running network: where it listens, who may enter, and how it dies.
//
//     const gateway = await Gateway.start()      a network of its own with a gateway on a free port; stop() ends both
//     gateway.url, gateway.token                 what a reader needs
//     await gateway.kill()                       SIGKILL; the supervisor starts it again at the same port

import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Network, until } from './network.mjs';

function freePort() {
	return new Promise((done, fail) => {
		const server = createServer().once('error', fail).listen(0, '127.0.0.1', () => {
			const { port } = server.address();
			server.close(() => done(port));
		});
	});
}

export class Gateway {
	static async start() {
		const gateway = new Gateway();
		gateway.network = await Network.start(`127.0.0.1:${await freePort()}`);
		gateway.url = (await until('the gateway says where it is', () => gateway.read('gateway.url'))).trim();
		gateway.token = gateway.enrol('staff', 'tester');
		await gateway.back();
		return gateway;
	}

	read(name) {
		return readFileSync(join(this.network.dir, name), 'utf8');
	}

	/** A token for a new name of a role; more words as `tributary keys enrol` takes them. */
	enrol(role, name, ...words) {
		return JSON.parse(this.network.must(['keys', 'enrol', role, name, ...words, '--json'])).token;
	}

	async kill() {
		process.kill(Number(this.read('gateway.pid')), 'SIGKILL');
	}

	/** Until it answers. */
	async back() {
		await until('the gateway answers', async () => (await fetch(`${this.url}/healthz`)).ok);
	}

	async stop() {
		await this.network.stop();
	}
}
