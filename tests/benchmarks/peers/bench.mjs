// The reference peer for benchmarks: reads lines `issue N` or `verify N`, answers with the seconds that N took.
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import * as vc from '@digitalbazaar/vc';
import fs from 'node:fs';
import readline from 'node:readline';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {loader} from './documents.mjs';

const unsigned = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const key = await Ed25519Multikey.generate();
const {publicKeyMultibase} = await key.export({publicKey: true});
const did = `did:key:${publicKeyMultibase}`;
key.id = `${did}#${publicKeyMultibase}`;
key.controller = did;
unsigned.issuer.id = did;
const multikey = 'https://w3id.org/security/multikey/v1';
const method = {'@context': multikey, id: key.id, type: 'Multikey', controller: did, publicKeyMultibase};
const documentLoader = loader([
  [key.id, method],
  [did, {'@context': ['https://www.w3.org/ns/did/v1', multikey], id: did, assertionMethod: [method]}],
]);
const issue = () => vc.issue({
  credential: structuredClone(unsigned),
  suite: new DataIntegrityProof({signer: key.signer(), cryptosuite}),
  documentLoader,
});
const signed = await issue();
const verify = async () => {
  const found = await vc.verifyCredential({
    credential: structuredClone(signed),
    suite: new DataIntegrityProof({cryptosuite}),
    documentLoader,
    checkStatus: async () => ({verified: true}),
  });
  if (!found.verified) throw found.error;
};
await verify();
process.stdout.write('ready\n');
for await (const line of readline.createInterface({input: process.stdin})) {
  const [what, count] = line.split(' ');
  const work = {issue, verify}[what];
  const start = process.hrtime.bigint();
  for (let one = 0; one < Number(count); one++) await work();
  process.stdout.write(`${Number(process.hrtime.bigint() - start) / 1e9}\n`);
}
