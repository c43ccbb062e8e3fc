// Signs one badge with every suite that another implementation has, with fresh keys: vectors of our own making.
// node make_vectors.mjs > ../../conformance/vectors/peers.json
import * as EcdsaMultikey from '@digitalbazaar/ecdsa-multikey';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {createSignCryptosuite as signEddsaJcs} from '@digitalbazaar/eddsa-jcs-2022-cryptosuite';
import {createSignCryptosuite as signEcdsaJcs} from '@digitalbazaar/ecdsa-jcs-2019-cryptosuite';
import {cryptosuite as ecdsaRdfc} from '@digitalbazaar/ecdsa-rdfc-2019-cryptosuite';
import {cryptosuite as eddsaRdfc} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {Ed25519Signature2020} from '@digitalbazaar/ed25519-signature-2020';
import {Ed25519VerificationKey2020} from '@digitalbazaar/ed25519-verification-key-2020';
import jsigs from 'jsonld-signatures';
import {loader} from './documents.mjs';

const V1 = 'https://www.w3.org/2018/credentials/v1';
const V2 = 'https://www.w3.org/ns/credentials/v2';
const OB = 'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json';
const purpose = new jsigs.purposes.AssertionProofPurpose();

function badge(issuer, {isOlder = false} = {}) {
  return {
    '@context': isOlder ? [V1, OB] : [V2, OB],
    id: 'urn:uuid:7c4b0a8e-6a0e-4c0e-9a3b-0d3f8d2c9b11',
    type: ['VerifiableCredential', 'OpenBadgeCredential'],
    issuer: {id: issuer, type: ['Profile'], name: 'Peer “Ŵyn” שרה'},
    [isOlder ? 'issuanceDate' : 'validFrom']: '2026-01-02T03:04:05Z',
    credentialSubject: {
      id: 'urn:uuid:3f1c3f4e-41a2-4a34-8b32-1a5b2f9d7f10',
      type: ['AchievementSubject'],
      creditsEarned: 9.5,
      achievement: {
        id: 'https://peer.example/a/1',
        type: ['Achievement'],
        name: 'Level One',
        description: 'Line\nbreak, tab\t and "quotes"',
        criteria: {narrative: 'Attend.'},
        alignment: [
          {type: ['Alignment'], targetName: 'Same', targetUrl: 'https://peer.example/f'},
          {type: ['Alignment'], targetName: 'Same', targetUrl: 'https://peer.example/f'},
          {type: ['Alignment'], targetName: 'Other', targetUrl: 'https://peer.example/g'},
        ],
      },
    },
  };
}

async function sign(document, suite) {
  return jsigs.sign(document, {suite, purpose, documentLoader: loader()});
}

const made = {};
for (const [name, cryptosuite, kind] of [
  ['eddsa-rdfc-2022', eddsaRdfc, Ed25519Multikey],
  ['eddsa-jcs-2022', signEddsaJcs(), Ed25519Multikey],
  ['ecdsa-rdfc-2019 P-256', ecdsaRdfc, 'P-256'],
  ['ecdsa-rdfc-2019 P-384', ecdsaRdfc, 'P-384'],
  ['ecdsa-jcs-2019 P-256', signEcdsaJcs(), 'P-256'],
  ['ecdsa-jcs-2019 P-384', signEcdsaJcs(), 'P-384'],
]) {
  const key = typeof kind === 'string' ? await EcdsaMultikey.generate({curve: kind}) : await kind.generate();
  const {publicKeyMultibase} = await key.export({publicKey: true});
  const did = `did:key:${publicKeyMultibase}`;
  key.id = `${did}#${publicKeyMultibase}`;
  key.controller = did;
  made[name] = await sign(badge(did), new DataIntegrityProof({signer: key.signer(), cryptosuite}));
}
const pair = await Ed25519VerificationKey2020.generate();
const did = `did:key:${pair.publicKeyMultibase}`;
pair.id = `${did}#${pair.publicKeyMultibase}`;
pair.controller = did;
made['Ed25519Signature2020'] = await sign(badge(did, {isOlder: true}), new Ed25519Signature2020({key: pair}));
made['Ed25519Signature2020 in VCDM 2.0'] = await sign(badge(did), new Ed25519Signature2020({key: pair}));
process.stdout.write(JSON.stringify(made, null, 1) + '\n');
